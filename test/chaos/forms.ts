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
  /** How long faults come. */
  readonly storm: number;
  /** Random kills end this long before: an intent that is left open takes three quarters of a minute. */
  readonly lastKill: number;
  /** Between two kills in one installation. */
  readonly killEvery: number;
  /** Whether stories begin again when they are over. */
  readonly again: boolean;
  /** How long everything may take to come to rest. */
  readonly calm: number;
  /** Less than this shows nothing: the run is void. */
  readonly least: { readonly kills: number; readonly intents: number; readonly points: number };
};

export const FORMS: Readonly<Record<Form["name"], Form>> = {
  short: {
    name: "short",
    queues: ["redis", "postgres"],
    workers: 2,
    sites: 20,
    every: 1_500,
    troubled: 0.25,
    storm: 60_000,
    lastKill: 22_000,
    killEvery: 2_200,
    again: false,
    calm: 75_000,
    least: { kills: 25, intents: 0.4, points: 13 },
  },
  full: {
    name: "full",
    queues: ["redis", "postgres"],
    workers: 3,
    sites: 70,
    every: 1_400,
    troubled: 0.2,
    storm: 660_000,
    lastKill: 5_000,
    killEvery: 1_900,
    again: true,
    calm: 180_000,
    least: { kills: 500, intents: 0.4, points: 15 },
  },
  defect: {
    name: "defect",
    queues: ["postgres"],
    workers: 2,
    sites: 6,
    every: 2_500,
    troubled: 0,
    storm: 110_000,
    lastKill: 110_000,
    killEvery: 0,
    again: false,
    calm: 0,
    least: { kills: 0, intents: 0, points: 0 },
  },
};
