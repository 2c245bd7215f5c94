import type { Duty } from "./catalog.ts";

/** A duty as the catalog writes it: `ana`, `team-web`, `rotation-web`, `by heroku`; null for a gap. */
export function describeDuty(duty: Duty | undefined): string | null {
  if (duty === undefined) return null;
  if ("person" in duty) return duty.person;
  if ("rotation" in duty) return `rotation-${duty.rotation}`;
  return "team" in duty ? `team-${duty.team}` : `by ${duty.by}`;
}
