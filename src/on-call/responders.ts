import type { InForce } from "../in-force.ts";
import type { AwayStatus } from "../domain/away-status.ts";
import type { Catalog } from "../domain/catalog.ts";
import type { Absence, Responders } from "../domain/escalation.ts";
import { stormChannel } from "../domain/item.ts";
import { absenceOf, othersAt } from "../domain/rotation.ts";
import { onCallOf, rotationOf } from "../ownership.ts";
import type { FoldedParty } from "../store/folding.ts";
import type { StoredItem } from "../store/items.ts";
import { staffOf } from "./rotations.ts";

/** Who may be told of an item, and which of them are away. */

/** Person key → the Slack status by which they are away. */
export type Statuses = ReadonlyMap<string, AwayStatus>;

type Known = { readonly parts: readonly FoldedParty[]; readonly statuses: Statuses; readonly now: Date };

/** A storm belongs to no service: its responders are those of its parts. */
export function respondersOf(inForce: InForce, item: StoredItem, { parts, statuses, now }: Known): Responders {
  const staff = staffOf(inForce);
  const { people } = inForce.catalog;
  const isStorm = stormChannel(item) !== null;
  const services = isStorm ? [...new Set([item.service, ...parts.map(({ service }) => service)])] : [item.service];
  const onCall = [...new Set(services.flatMap((service) => onCallOf(inForce, service, now)))].slice(0, MOST_PEOPLE);
  const rotation = rotationOf(inForce, item.service);
  const team = teamOf(inForce.catalog, item, onCall);
  const members = Object.values(people).filter(({ teams }) => team !== null && teams.includes(team));
  function absence(person: string): Absence | null {
    const away = absenceOf(staff, person, now);
    if (away !== null) return away;
    const status = statuses.get(person);
    if (status !== undefined) return status;
    const { slack, wake } = people[person] ?? {};
    return (slack ?? []).length === 0 && wake === undefined ? "unreachable" : null;
  }
  return {
    owner: item.owner,
    ...(isStorm && item.ownedSince === null ? { owners: ownersOf(inForce.catalog, item, parts) } : {}),
    onCall,
    others: rotation === null ? [] : othersAt(rotation, staff, now),
    team: team === null ? null : { key: team, members: members.map(({ key }) => key) },
    absence,
  };
}

/** At most so many people are called at once; of a storm of many services those of the gravest parts first. */
export const MOST_PEOPLE = 10;

function ownersOf({ people }: Catalog, { owner }: StoredItem, parts: readonly FoldedParty[]): string[] {
  const all = [...(owner === null ? [] : [owner]), ...parts.flatMap((part) => part.owner ?? [])];
  const found = all.flatMap((party) =>
    "person" in party
      ? [party.person]
      : Object.values(people)
          .filter(({ teams }) => teams.includes(party.team))
          .map(({ key }) => key),
  );
  return [...new Set(found)].slice(0, MOST_PEOPLE);
}

/** The team that owns it; else the first team of its owner, or of whoever is on call. */
function teamOf({ people }: Catalog, { owner }: StoredItem, onCall: readonly string[]): string | null {
  if (owner !== null && "team" in owner) return owner.team;
  const first = [...(owner === null ? [] : [owner.person]), ...onCall].flatMap((person) => people[person]?.teams ?? []);
  return first[0] ?? null;
}
