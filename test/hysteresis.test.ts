import { expect, test } from "vitest";
import { advance, advanceQuietly, BLIND_AFTER, isBlind, PHASES, STEPS } from "../src/domain/hysteresis.ts";
import type { BeliefChange, Health, Step } from "../src/domain/hysteresis.ts";
import { LEVELS } from "../src/domain/reading.ts";
import type { Level } from "../src/domain/reading.ts";

/** A check that has not looked yet. */
const UNTRIED: Health = { phase: "ok", level: "ok", streak: 0, unknownStreak: 0 };
const RULES = [1, 2, 3].flatMap((failures) => [1, 2, 3].map((successes) => ({ failures, successes })));
const SHORT: Readonly<Record<string, Level>> = { o: "ok", w: "warning", c: "critical", "?": "unknown" };

function changes(readings: string, rule = { failures: 2, successes: 2 }): BeliefChange[] {
  let health = UNTRIED;
  return readings.split("").map((letter) => {
    const next = advance(health, SHORT[letter]!, rule);
    health = next.health;
    return next.change;
  });
}

function drawStep([found, step]: readonly [string, Step]): string {
  const counted =
    step.counts && `, until ${step.counts.until} in a row: ${step.counts.reaching}, "${step.counts.change}"`;
  return `    ${found.padEnd(7)} → ${step.to}${counted ?? ""}`;
}

test("the table", async () => {
  const drawing = PHASES.map((phase) => [`  ${phase}`, ...Object.entries(STEPS[phase]).map(drawStep)].join("\n"));
  const stories = [
    "ww",
    "cwc",
    "ccoo",
    "wwccc",
    "ccwwoo",
    "coco",
    "c??c",
    "ooooo",
    "?????o",
    "cc?????cc",
    "?????cc",
    "??????o",
  ];
  const told = stories.map((story) => `  ${story.padEnd(10)} ${changes(story).join(" ")}`);
  await expect(
    `phase, and what is found beside what is believed\n${drawing.join("\n")}\n\nreadings (o w c ?) and changes, 2 failures and 2 successes\n${told.join("\n")}\n`,
  ).toMatchFileSnapshot("golden/hysteresis.txt");
});

test("one bad look opens nothing, one good look closes nothing", () => {
  expect(changes("cococo")).toEqual(["none", "none", "none", "none", "none", "none"]);
  expect(changes("ccococ")).toEqual(["none", "opened", "none", "none", "none", "none"]);
});

test("an unknown look neither counts nor ends a streak", () => {
  expect(changes("c????c")).toEqual(["none", "none", "none", "none", "none", "opened"]);
  expect(changes("cco???o")).toEqual(["none", "opened", "none", "none", "none", "none", "recovered"]);
});

test("five unknown looks are said once, and so is the first real one after them", () => {
  expect(changes("???????oo")).toEqual(["none", "none", "none", "none", "blind", "none", "none", "sighted", "none"]);
  expect(changes("?????cc", { failures: 1, successes: 1 })).toEqual([
    "none",
    "none",
    "none",
    "none",
    "blind",
    "sighted",
    "opened",
  ]);
});

/** The changes of readings in maintenance, and of those after it. */
function around(during: string, afterwards: string, before = "", rule = { failures: 2, successes: 2 }): BeliefChange[] {
  let health = UNTRIED;
  function take(readings: string, step: typeof advance): BeliefChange[] {
    return readings.split("").map((letter) => {
      const next = step(health, SHORT[letter]!, rule);
      health = next.health;
      return next.change;
    });
  }
  take(before, advance);
  return [...take(during, advanceQuietly), ...take(afterwards, advance)];
}

test.each(RULES)("what is ill in maintenance is put off, and comes with the first look after it, with %o", (rule) => {
  const quiet = Array<BeliefChange>(6).fill("none");
  expect(around("cccccc", "c", "", rule)).toEqual([...quiet, "opened"]);
  expect(around("cccccc", "c", "www", rule)).toEqual([...quiet, "worsened"]);
  expect(around("??????", "?", "", rule)).toEqual([...quiet, "blind"]);
  expect(around("cccccc", "o", "", rule)).toEqual([...quiet, "none"]);
});

test("a look that is well ends what was put off, and what gets better is believed in maintenance too", () => {
  expect(around("cccco", "cc")).toEqual(["none", "none", "none", "none", "none", "none", "opened"]);
  expect(around("oocc", "c", "cc")).toEqual(["none", "recovered", "none", "none", "opened"]);
  expect(around("wwcc", "c", "cc")).toEqual(["none", "eased", "none", "none", "worsened"]);
  expect(around("o", "", "?????")).toEqual(["sighted"]);
});

/** The last real readings, newest first, up to the one that `holds` no longer. */
function run(history: readonly Level[], holds: (level: Level) => boolean): number {
  const real = history.filter((level) => level !== "unknown").toReversed();
  const end = real.findIndex((level) => !holds(level));
  return end === -1 ? real.length : end;
}

const RANK = { ok: 0, warning: 1, critical: 2, unknown: -1 };

/** What must hold of one step, said from the whole history and not from the streak. */
function judge(
  before: Health,
  after: Health,
  change: BeliefChange,
  history: readonly Level[],
  rule: (typeof RULES)[number],
) {
  const reading = history.at(-1)!;
  const unknowns = history.toReversed().findIndex((level) => level !== "unknown");
  const blindness = unknowns === -1 ? history.length : unknowns;
  const believes = ["opened", "worsened", "eased", "recovered"].includes(change);
  const facts = [
    believes === (after.level !== before.level),
    !believes || after.level === reading,
    (after.level === "ok") === (after.phase === "ok" || after.phase === "suspect"),
    after.unknownStreak === blindness,
    (change === "blind") === (blindness === BLIND_AFTER),
    (change === "sighted") === (isBlind(before) && reading !== "unknown"),
    change !== "opened" || (before.level === "ok" && run(history, (level) => level !== "ok") >= rule.failures),
    change !== "worsened" || run(history, (level) => level === "critical") >= rule.failures,
    change !== "eased" || run(history, (level) => RANK[level] < RANK[before.level] && level !== "ok") >= rule.successes,
    change !== "recovered" || (before.level !== "ok" && run(history, (level) => level === "ok") >= rule.successes),
  ];
  return facts.indexOf(false);
}

test.each(RULES)("every history of seven readings, with %o", (rule) => {
  const broken: string[] = [];
  let visited = 0;
  function explore(health: Health, history: readonly Level[]): void {
    if (history.length === 7) return;
    for (const level of LEVELS) {
      const longer = [...history, level];
      const next = advance(health, level, rule);
      const fact = judge(health, next.health, next.change, longer, rule);
      if (fact !== -1) broken.push(`fact ${fact} after ${longer.join(" ")}`);
      visited += 1;
      explore(next.health, longer);
    }
  }
  explore(UNTRIED, []);
  expect(visited).toBe(21_844);
  expect(broken).toEqual([]);
});

test.each(RULES)("steady readings are believed in time, from every state, with %o", (rule) => {
  const states = PHASES.flatMap((phase) =>
    (phase === "ok" || phase === "suspect" ? (["ok"] as const) : (["warning", "critical"] as const)).flatMap((level) =>
      [0, 1, 2].flatMap((streak) => [0, 4, 5, 9].map((unknownStreak) => ({ phase, level, streak, unknownStreak }))),
    ),
  );
  for (const start of states) {
    for (const level of ["ok", "warning", "critical"] as const) {
      let health: Health = start;
      for (let look = 0; look <= Math.max(rule.failures, rule.successes); look += 1) {
        health = advance(health, level, rule).health;
      }
      expect(health, `${JSON.stringify(start)} then ${level}`).toEqual({
        phase: level === "ok" ? "ok" : "failing",
        level,
        streak: 0,
        unknownStreak: 0,
      });
    }
  }
});
