import type { Observation, Release } from "../domain/observation.ts";
import { some } from "../domain/some.ts";
import { Invalid } from "../errors.ts";

/** Releases in plans: the same words, whatever runs there. */

const OFFERED = 10;

export type Way = {
  /** What runs, where it can be gone back to afterwards. */
  readonly from: Release | undefined;
  readonly to: Release;
  /** What lies between it and what runs, the newer of the two included. */
  readonly between: readonly Release[];
  /** Whether it is older than what runs. */
  readonly isBack: boolean;
};

/** The way to the release that is asked for, or else to the one before what runs. @throws Invalid naming what is possible */
export function wayTo({ releases, release: now }: Observation, asked: string | undefined): Way {
  const names = releases.map(({ release }) => release);
  const current = names.indexOf(now ?? "");
  const at = asked === undefined && current !== -1 ? current + 1 : names.indexOf(asked ?? "");
  const to = releases[at];
  if (to === undefined)
    throw new Invalid(asked === undefined ? "There is no earlier release." : `There is no release ${asked} to go to.`, {
      hint: `There is ${some(names, OFFERED) || "none"}.`,
    });
  if (to.release === now) throw new Invalid(`${to.release} is what runs now.`);
  const between = releases.slice(Math.max(0, Math.min(current, at)), Math.max(current, at));
  return { from: releases[current], to, between, isBack: current >= 0 && at > current };
}

/** "v3 (Deploy aaaa1111)" */
export function named({ release, summary }: Release): string {
  return (summary ?? "") === "" ? release : `${release} (${summary})`;
}
