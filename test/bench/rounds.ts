import { busy, cpuOf } from "./processes.ts";
import type { Goal, Measured, Scenario, Use } from "./scenario.ts";

/** Interleaved rounds: A B A B …, so that what the machine does meanwhile hits all of them alike. */

export type Spread = { readonly median: number; readonly least: number; readonly most: number };

/** `ratio` is the figure itself where the goal is against nobody. */
export type Verdict = Goal & { readonly ratio: Spread; readonly isMet: boolean };

export type Result = {
  readonly name: string;
  /** The day on which it was measured. */
  readonly on: string;
  readonly sentence: string;
  readonly units: Scenario["units"];
  readonly rounds: number;
  /** Contestant → figure → its spread over the rounds. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, Spread>>>>;
  readonly verdicts: readonly Verdict[];
  /** Rounds in which the machine was busy with more than us: more than half a core. */
  readonly disturbed: number;
  /** What was wrong with the work itself; then no figure counts. */
  readonly wrong: readonly string[];
};

const TOLERATED = 0.5; // cores that others may use
/** A goal also holds in the worst round, by this much of it. */
const WORST = 0.7;

export async function run(scenario: Scenario, use: Use, rounds: number): Promise<Result> {
  const measured: Record<string, Measured[]> = {};
  const wrong: string[] = [];
  let disturbed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = { at: performance.now(), busy: busy(), ours: cpuOf(process.pid) };
    for (const [name, contest] of Object.entries(scenario.contestants)) {
      const one = await contest(use);
      (measured[name] ??= []).push(one);
      wrong.push(...one.wrong.map((what) => `round ${round + 1}, ${name}: ${what}`));
    }
    const took = (performance.now() - before.at) * 1_000;
    const foreign = busy() - before.busy - (cpuOf(process.pid) - before.ours);
    if (foreign / took > TOLERATED) disturbed += 1;
  }
  return {
    name: scenario.name,
    on: new Date().toISOString().slice(0, 10),
    sentence: scenario.sentence,
    units: scenario.units,
    rounds,
    figures: Object.fromEntries(Object.entries(measured).map(([name, all]) => [name, spreads(all)])),
    verdicts: scenario.goals.map((goal) => verdict(goal, measured, Object.keys(scenario.contestants)[0] ?? "")),
    disturbed,
    wrong,
  };
}

function spreads(all: readonly Measured[]): Record<string, Spread> {
  const names = new Set(all.flatMap(({ figures }) => Object.keys(figures)));
  return Object.fromEntries(
    [...names].map((name) => [name, spread(all.map(({ figures }) => figures[name] ?? Number.NaN))]),
  );
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}

/** Whether a goal is met, from the rounds of whom it is about and of its peer. */
export function verdict(goal: Goal, measured: Readonly<Record<string, readonly Measured[]>>, ours: string): Verdict {
  const peers = goal.against === undefined ? null : (measured[goal.against] ?? []);
  const ratios = (measured[ours] ?? []).map(({ figures }, round) => {
    const peer = peers === null ? 1 : (peers[round]?.figures[goal.figure] ?? Number.NaN);
    return (figures[goal.figure] ?? Number.NaN) / peer;
  });
  const ratio = spread(ratios);
  const isMet =
    (goal.atLeast === undefined || (ratio.median >= goal.atLeast && ratio.least >= WORST * goal.atLeast)) &&
    (goal.atMost === undefined || (ratio.median <= goal.atMost && ratio.most <= goal.atMost / WORST));
  return { ...goal, ratio, isMet };
}
