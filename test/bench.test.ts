import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { goalWords, markdown, merged, SHOWN, withFigures, type Report } from "./bench/report.ts";
import { verdict } from "./bench/rounds.ts";
import type { Measured } from "./bench/scenario.ts";
import { SCENARIOS } from "./bench/scenarios/index.ts";

/** What the bench says: figures that nobody typed, every goal beside its figure, and met only where it is. */

test.each(Object.entries(SHOWN))("%s shows what was measured, and nothing else", async (path, words) => {
  const document = await read(path);
  expect(document).toBe(withFigures(document, words(await kept())));
});

test("the figures show every goal of what was measured, met or not", async () => {
  const report = await kept();
  const rows = table(report);
  const measured = new Set(report.results.map(({ name }) => name)); // a new scenario has figures from the next run on
  for (const { name, goals, units } of Object.values(SCENARIOS)
    .flat()
    .filter((each) => measured.has(each.name)))
    for (const goal of goals) {
      const { figure, against } = goal;
      const words = goalWords(goal, against === undefined ? units[figure] : undefined);
      const beside = against === undefined ? /^$/ : new RegExp(`\\(${against}\\)$`);
      const row = rows.find(
        ([what, , peer, , said]) => what === `${name}: ${figure}` && beside.test(peer ?? "") && said === words,
      );
      expect(row?.[5], `${name}: ${figure} ${words}`).toMatch(/^(yes|no|void)$/);
    }
});

describe("one scenario measured anew", () => {
  test("takes the place of its own figures, and a new one its place in the order", () => {
    const ack = { ...MADE_UP, results: MADE_UP.results.slice(0, 1) };
    const checks = { ...MADE_UP, results: MADE_UP.results.slice(1, 2).map((each) => ({ ...each, on: "2026-11-30" })) };
    const both = merged(checks, ack, ["ack", "checks"]);
    expect(both.results.map(({ name, on }) => `${name} ${on}`)).toEqual(["ack 2026-11-24", "checks 2026-11-30"]);
    expect(merged(MADE_UP, checks, ["ack", "checks"])).toEqual(both);
  });

  test("is not put beside those of another machine or of other versions", () => {
    expect(() => merged(MADE_UP, { ...MADE_UP, machine: "another" }, [])).toThrow("measure everything");
    expect(() => merged(MADE_UP, { ...MADE_UP, versions: { Node: "25" } }, [])).toThrow("measure everything");
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
      on: "2026-11-24",
      sentence: "Something was lost.",
      units: {},
      rounds: 1,
      figures: { Daytwo: { asked: ONE }, peer: { asked: ONE } },
      verdicts: [{ ...goal, ratio: ONE, isMet: true }],
      disturbed: 0,
      wrong: ["round 1, Daytwo: 3 are lost"],
    };
    const said = markdown({ machine: "one", versions: {}, isQuick: false, results: [result] });
    expect(said).toMatch(/^\| wrong: asked \| 1 +\| 1 \(peer\) \| 1 \[1–1\] \| ≥ 2 +\| void \|$/m);
    expect(said).toContain("**Void**: round 1, Daytwo: 3 are lost.");
  });
});

const ONE = { median: 1, least: 1, most: 1 };

function figure(asked: number): Measured {
  return { figures: { asked }, wrong: [] };
}

/** A report of every scenario whose figures are all one. */
const MADE_UP: Report = {
  machine: "one",
  versions: {},
  isQuick: true,
  results: Object.values(SCENARIOS)
    .flat()
    .map(({ name, sentence, units, goals, contestants }) => {
      const figures = Object.fromEntries(Object.keys(units).map((each) => [each, ONE]));
      return {
        name,
        on: "2026-11-24",
        sentence,
        units,
        rounds: 1,
        figures: Object.fromEntries(Object.keys(contestants).map((each) => [each, figures])),
        verdicts: goals.map((goal) => ({ ...goal, ratio: ONE, isMet: false })),
        disturbed: 0,
        wrong: [],
      };
    }),
};

/** The cells of what it says, row by row. */
function table(report: Report): string[][] {
  const lines = markdown(report)
    .split("\n")
    .filter((line) => line.startsWith("| "));
  return lines.map((line) =>
    line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

async function kept(): Promise<Report> {
  return JSON.parse(await read("docs/bench.json")) as Report;
}

function read(path: string): Promise<string> {
  return readFile(new URL(`../${path}`, import.meta.url), "utf8");
}
