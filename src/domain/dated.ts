import type { Observation } from "./observation.ts";
import { waitsSince } from "./waiting.ts";

/** What was seen, with the "since" of whatever only the looks before it can tell. */
export function dated(before: Observation | null, seen: Observation, now: Date): Observation {
  return { ...seen, maintenance: modeDated(before, seen), waitsSince: waitsSince(before, seen, now) };
}

/** Exact to the time between two looks. */
function modeDated(before: Observation | null, { maintenance, observedAt }: Observation): Observation["maintenance"] {
  if (maintenance?.mode !== "on" || maintenance.since !== undefined || before?.maintenance === undefined)
    return maintenance;
  return { ...maintenance, since: before.maintenance.mode === "on" ? before.maintenance.since : observedAt };
}
