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

/** The person that a party is; null where it is a team, or nobody. */
export function personOf(party: Party | null): string | null {
  return party !== null && "person" in party ? party.person : null;
}

/** The team that a party is; null where it is a person, or nobody. */
export function teamOf(party: Party | null): string | null {
  return party !== null && "team" in party ? party.team : null;
}

export function partyOf(person: string | null, team: string | null): Party | null {
  if (person !== null) return { person };
  return team === null ? null : { team };
}

/** A duty as the catalog writes it: `ana`, `team-web`, `rotation-web`, `by heroku`; null for a gap. */
export function describeDuty(duty: Duty | undefined): string | null {
  if (duty === undefined) return null;
  if ("person" in duty) return duty.person;
  if ("rotation" in duty) return `rotation-${duty.rotation}`;
  return "team" in duty ? `team-${duty.team}` : `by ${duty.by}`;
}
