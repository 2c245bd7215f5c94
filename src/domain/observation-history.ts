import type { Observation, Release } from "./observation.ts";
import { waitsSince } from "./waiting.ts";

/** What was seen, with what only the looks before it can tell: since when it is so, and what ran before. */
export function withHistory(before: Observation | null, seen: Observation, now: Date): Observation {
  return {
    ...seen,
    releases: releasesKept(before, seen),
    maintenance: modeDated(before, seen),
    waitsSince: waitsSince(before, seen, now),
  };
}

const RELEASES_KEPT = 30;

/** Each as it was seen first, so that going back to one does not make it the newest. */
function releasesKept(before: Observation | null, { memory, releases }: Observation): readonly Release[] {
  if (memory === undefined) return releases;
  const known = before?.memory?.of === memory.of ? before.releases : [];
  const fresh = releases.filter(({ release }) => memory.takes && known.every((each) => each.release !== release));
  return [...fresh, ...known].slice(0, RELEASES_KEPT);
}

/** Exact to the time between two looks. */
function modeDated(before: Observation | null, { maintenance, observedAt }: Observation): Observation["maintenance"] {
  if (maintenance?.mode !== "on" || maintenance.since !== undefined || before?.maintenance === undefined)
    return maintenance;
  return { ...maintenance, since: before.maintenance.mode === "on" ? before.maintenance.since : observedAt };
}
