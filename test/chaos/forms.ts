import type { Installation } from "./installation.ts";

/** How large a run is. Times in ms. */
export type Form = {
  readonly name: "short" | "full" | "defect";
  readonly queues: readonly Installation["queue"][];
  readonly workers: number;
  /** For the everyday, beside those of the stories. */
  readonly sites: number;
  /** Between two everyday requests in one workspace. */
  readonly every: number;
  /** The share of them that go wrong at the far side. */
  readonly troubled: number;
  /** The storm lasts until it has brought what it has to, and no longer than this. */
  readonly storm: number;
  /** Between two kills in one installation. */
  readonly killEvery: number;
  /** Whether every story is played in every installation, again and again, or once in one of them. */
  readonly again: boolean;
  /** How long nothing may come nearer to rest before that is given up. */
  readonly calm: number;
  /** Less than this shows nothing: the run is void. */
  readonly least: { readonly kills: number; readonly intents: number; readonly points: number };
};

const START = 15_000; // ms in which everything is up on two cores that do nothing else
const SLOWEST = 12;

/** How much slower than that a machine is which took `ms`: what goes wrong must leave time for something to go well. */
export function paceOf(ms: number): number {
  return Math.min(SLOWEST, Math.max(1, ms / START));
}

/** The same for a slower machine: what happens then happens as often for each thing that gets done. */
export function paced(form: Form, pace: number): Form {
  return {
    ...form,
    // People ask only for what is free, and only what is up and busy is killed: both wait by themselves for what is slow.
    every: form.every * Math.min(pace, 2),
    storm: form.storm * pace,
    killEvery: form.killEvery * Math.min(pace, 1.5),
    calm: form.calm * pace,
  };
}

export const FORMS: Readonly<Record<Form["name"], Form>> = {
  short: {
    name: "short",
    queues: ["redis", "postgres"],
    workers: 3,
    sites: 16,
    every: 1_600,
    troubled: 0.2,
    storm: 600_000,
    killEvery: 3_000,
    again: false,
    calm: 120_000,
    least: { kills: 20, intents: 0.4, points: 13 },
  },
  full: {
    name: "full",
    queues: ["redis", "postgres"],
    workers: 3,
    sites: 70,
    every: 1_000,
    troubled: 0.2,
    storm: 7_200_000,
    killEvery: 2_000,
    again: true,
    calm: 120_000,
    least: { kills: 500, intents: 0.4, points: 15 },
  },
  defect: {
    name: "defect",
    queues: ["postgres"],
    workers: 2,
    sites: 6,
    every: 2_500,
    troubled: 0,
    storm: 200_000,
    killEvery: 0,
    again: false,
    calm: 0,
    least: { kills: 0, intents: 0, points: 0 },
  },
};
