import type { Duty } from "../duty.ts";

/** What stands around an item: what changed just before, and what else is not well. */

/** What changed in the hour before the onset, on the service and on what it depends on. */
export type Before = {
  /** Newest first, at most three. */
  readonly news: readonly News[];
  /** How many more there were. */
  readonly more: number;
  /** Null where nothing was in sight; `since` where the first look was within the hour. */
  readonly watched: { readonly since: Date | null } | null;
  /** What could not be looked at. */
  readonly blind: readonly Blind[];
};

export type News = {
  readonly at: Date;
  /** Whether it happened at that moment, or was only seen by then. */
  readonly dated: boolean;
  /** Where, unless it is the service itself. */
  readonly place: string | null;
  /** "release v142" */
  readonly what: string;
  readonly by: Duty | null;
};

export type Blind = {
  readonly place: string;
  readonly why: "no target" | "never looked at" | "not looked at lately" | "not reached";
};

/** Other checks that are not well now, the gravest first, at most two, and how many more. */
export type Neighbours = {
  readonly shown: readonly { readonly place: string | null; readonly summary: string }[];
  readonly more: number;
};
