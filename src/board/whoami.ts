import type { Standing } from "../domain/board/standing.ts";
import type { Service } from "../domain/catalog.ts";
import { RESPONSIBILITIES, type Responsibility } from "../domain/duty.ts";
import { allowed } from "../domain/permit.ts";
import { catalogLine, personLine } from "../domain/person-line.ts";
import type { Actor } from "../domain/actor.ts";
import type { InForce } from "../in-force.ts";
import { dutiesOf } from "../ownership.ts";
import { groundOf } from "../people.ts";

/** How somebody stands here: what the catalog in force says of them, what they answer for, and what they may do. */
export function standingOf(inForce: InForce, actor: Actor): Standing {
  const { catalog } = inForce;
  const person = actor.person === null ? undefined : catalog.people[actor.person];
  const ground = groundOf(inForce, {});
  const teams = person?.teams ?? [];
  const answersFor = Object.values(catalog.services).flatMap((service) => {
    const responsibilities = answered(inForce, service, actor.person, teams);
    return responsibilities.length === 0 ? [] : [{ service: service.key, responsibilities }];
  });
  return {
    actor,
    teams: teams.map((key) => catalog.teams[key]?.name ?? key),
    answersFor,
    may: allowed(actor, ground),
    keepers: ground.keepers ?? [],
    line: person === undefined ? catalogLine(actor) : personLine(person),
  };
}

function answered(
  inForce: InForce,
  service: Service,
  person: string | null,
  teams: readonly string[],
): Responsibility[] {
  const duties = dutiesOf(inForce, service);
  return RESPONSIBILITIES.filter((each) => {
    const duty = duties[each];
    if (duty === undefined || "by" in duty) return false;
    if ("rotation" in duty)
      return person !== null && (inForce.catalog.rotations?.[duty.rotation]?.members.includes(person) ?? false);
    return "person" in duty ? duty.person === person : teams.includes(duty.team);
  });
}
