import type { Evidence } from "./evidence.ts";
import type { Form } from "./forms.ts";
import type { Kill } from "./history.ts";
import type { Violation } from "./invariants.ts";
import { POINTS } from "./itinerary.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { World } from "./world.ts";

/** What a run found. */
export type Result = {
  readonly form: Form["name"];
  readonly seed: number;
  /** Seconds that it took. */
  readonly took: number;
  readonly violations: readonly Violation[];
  /** Why it shows nothing; empty when it does. */
  readonly void: readonly string[];
  readonly kills: {
    readonly all: number;
    readonly withOpenIntent: number;
    /** Failpoint → how many processes ended there. */
    readonly at: Readonly<Record<string, number>>;
  };
  /** How many processes came up, and how long that took in the middle, in ms. */
  readonly starts: { readonly count: number; readonly median: number };
  readonly faults: Readonly<Record<string, number>>;
  readonly commitsCut: number;
  readonly effects: number;
  /** State → how many operations ended in it. */
  readonly operations: Readonly<Record<string, number>>;
  /** What was compared. */
  readonly compared: Readonly<Record<string, number>>;
};

type Found = {
  readonly form: Form;
  readonly seed: number;
  readonly began: number;
  readonly world: World;
  readonly violations: readonly Violation[];
  readonly evidence: readonly Evidence[];
};

export function resultOf({ form, seed, began, world, violations, evidence }: Found): Result {
  const { history, farSide, homes } = world;
  const { kills } = history;
  const slots = homes.flatMap(({ installation }) => [installation.web, ...installation.workers]);
  const starts = slots.flatMap((slot) => slot.starts()).toSorted((a, b) => a - b);
  return {
    form: form.name,
    seed,
    took: Math.round((Date.now() - began) / 1_000),
    violations,
    void: voidness(form, history.kills, Object.keys(tally(history.faults.map(({ kind }) => kind)))),
    kills: {
      all: kills.length,
      withOpenIntent: kills.filter(({ intents }) => intents > 0).length,
      at: tally(kills.flatMap(({ point }) => point ?? [])),
    },
    starts: { count: starts.length, median: starts[Math.floor(starts.length / 2)] ?? 0 },
    faults: tally(history.faults.map(({ kind }) => kind)),
    commitsCut: slots.reduce((sum, { proxy }) => sum + proxy.cut(), 0),
    effects: farSide.effects.length,
    operations: tally(evidence.flatMap(({ operations }) => operations.map(({ state }) => state))),
    compared: {
      deeds: history.deeds.length,
      answers: history.told.size,
      events: evidence.reduce((sum, { events }) => sum + events.length, 0),
      cards: evidence.reduce((sum, { postings }) => sum + postings.filter(({ card }) => card !== null).length, 0),
      seals: evidence.reduce((sum, { record }) => sum + (record?.good ?? 0), 0),
    },
  };
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const FAULTS = SCENARIOS.map(({ name }) => name);

function voidness(form: Form, kills: readonly Kill[], faults: readonly string[]): string[] {
  if (form.name === "defect") return [];
  const open = kills.filter(({ intents }) => intents > 0).length;
  const reached = new Set(kills.flatMap(({ point }) => point ?? []));
  const missed = POINTS.filter((point) => !reached.has(point));
  const missing = FAULTS.filter((fault) => !faults.includes(fault));
  return [
    ...(kills.length < form.least.kills ? [`only ${kills.length} kills, and ${form.least.kills} are needed`] : []),
    ...(open < form.least.intents * kills.length
      ? [`only ${open} of ${kills.length} kills hit an open intent, and ${form.least.intents * 100} % are needed`]
      : []),
    ...(reached.size < form.least.points ? [`nothing ended at ${missed.join(", ")}`] : []),
    ...(missing.length > 0 ? [`these faults never came about: ${missing.join(", ")}`] : []),
    ...(faults.includes("story broke") ? ["a story broke"] : []),
  ];
}
