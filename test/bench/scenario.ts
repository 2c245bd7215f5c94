import type { World } from "./world.ts";

/** What one contestant did in one round: named figures, and what was wrong with its work, which voids them. */
export type Measured = { readonly figures: Readonly<Record<string, number>>; readonly wrong: readonly string[] };

export type Unit = "/s" | "ms" | "µs" | "MB" | "×";

/** A promise about the ratio ours : peer of one figure; about the figure itself where there is no peer for it. */
export type Goal = {
  readonly figure: string;
  readonly against?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
};

export type Use = { readonly world: World; readonly isQuick: boolean };

/** One thing that is measured: every contestant in every round, in turn, each in processes of its own. */
export type Scenario = {
  readonly name: string;
  /** What was done, in one sentence. */
  readonly sentence: string;
  readonly units: Readonly<Record<string, Unit>>;
  readonly goals: readonly Goal[];
  /** Name → one round; the first one is ours. */
  readonly contestants: Readonly<Record<string, (use: Use) => Promise<Measured>>>;
};
