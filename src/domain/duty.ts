/** What there is to answer for in a service, and who can answer for it. */

export const RESPONSIBILITIES = [
  "releases",
  "scaling",
  "patching",
  "certificates",
  "database",
  "backups",
  "credentials",
  "disk-and-logs",
  "on-call",
] as const;
export type Responsibility = (typeof RESPONSIBILITIES)[number];

/** Who can own something. */
export type Party = { readonly person: string } | { readonly team: string };

/** Who of ours can answer for a responsibility: a party, or whoever is on call in a rotation. */
export type Assignee = Party | { readonly rotation: string };

/** The answer to "whose is this?": one of ours, or somebody outside (`{ by: "heroku" }`), which is an answer and not a gap. */
export type Duty = Assignee | { readonly by: string };

/** A duty as the catalog writes it: `ana`, `team-web`, `rotation-web`, `by heroku`; null for a gap. */
export function describeDuty(duty: Duty | undefined): string | null {
  if (duty === undefined) return null;
  if ("person" in duty) return duty.person;
  if ("rotation" in duty) return `rotation-${duty.rotation}`;
  return "team" in duty ? `team-${duty.team}` : `by ${duty.by}`;
}
