import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { goalWords, markdown, withTable, type Report } from "./bench/report.ts";
import { verdict } from "./bench/rounds.ts";
import type { Measured } from "./bench/scenario.ts";
import { SCENARIOS } from "./bench/scenarios/index.ts";

/** What the bench says: figures that nobody typed, every goal beside its figure, and met only where it is. */

describe("the figures of the README", () => {
  test("are those that were measured", async () => {
    const readme = await read("README.md");
    expect(readme).toBe(withTable(readme, await kept()));
  });

  test("show every goal, met or not", async () => {
    const lines = markdown(await kept()).split("\n");
    for (const { name, goals, units } of Object.values(SCENARIOS).flat())
      for (const goal of goals) {
        const { figure, against } = goal;
        const words = goalWords(goal, against === undefined ? units[figure] : undefined);
        const row = lines.find(
          (line) => line.startsWith(`| ${name}: ${figure} |`) && line.includes(against ?? "") && line.includes(words),
        );
        expect(row, `${name}: ${figure} ${words}`).toMatch(/ (yes|no|void) \|$/);
      }
  });
});

describe("a goal is met", () => {
  const goal = { figure: "asked", against: "peer", atLeast: 2 };

  test.each([
    ["when the middle round meets it and none is far from it", [1.5, 2.1, 3], true],
    ["not when the middle round does not", [1.9, 1.9, 9], false],
    ["not when one round is far from it", [1.3, 2.5, 3], false],
  ])("%s", (_when, rounds, isMet) => {
    expect(verdict(goal, { Daytwo: rounds.map(figure), peer: rounds.map(() => figure(1)) }, "Daytwo").isMet).toBe(
      isMet,
    );
  });

  test("round by round: what slows both of them changes nothing", () => {
    const measured = { Daytwo: [figure(40), figure(4)], peer: [figure(10), figure(1)] };
    expect(verdict(goal, measured, "Daytwo").ratio).toEqual({ median: 4, least: 4, most: 4 });
  });

  test("by the figure itself where there is no peer", () => {
    const { ratio, isMet } = verdict({ figure: "asked", atMost: 2 }, { Daytwo: [figure(1)] }, "Daytwo");
    expect({ ratio, isMet }).toEqual({ ratio: { median: 1, least: 1, most: 1 }, isMet: true });
  });

  test("never by work that was not done right", () => {
    const result = {
      name: "wrong",
      sentence: "Something was lost.",
      units: {},
      rounds: 1,
      figures: { Daytwo: { asked: ONE }, peer: { asked: ONE } },
      verdicts: [{ ...goal, ratio: ONE, isMet: true }],
      disturbed: 0,
      wrong: ["round 1, Daytwo: 3 are lost"],
    };
    const said = markdown({ at: "2026-11-24", machine: "one", versions: {}, isQuick: false, results: [result] });
    expect(said).toContain("| wrong: asked | 1 | 1 (peer) | 1 [1–1] | ≥ 2 | void |");
    expect(said).toContain("**Void**: round 1, Daytwo: 3 are lost.");
  });
});

const ONE = { median: 1, least: 1, most: 1 };

function figure(asked: number): Measured {
  return { figures: { asked }, wrong: [] };
}

async function kept(): Promise<Report> {
  return JSON.parse(await read("docs/bench.json")) as Report;
}

function read(path: string): Promise<string> {
  return readFile(new URL(`../${path}`, import.meta.url), "utf8");
}
