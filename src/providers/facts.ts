import type { Observation } from "../domain/observation.ts";

/** What else there is to tell of a target, under its labels; without those of which there is nothing. */
export function told(
  all: readonly (readonly [label: string, fact: string | false | null | undefined])[],
): Observation["facts"] {
  return Object.fromEntries(
    all.filter((each): each is readonly [string, string] => typeof each[1] === "string" && each[1] !== ""),
  );
}
