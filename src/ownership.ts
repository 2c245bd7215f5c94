import type { App } from "./app.ts";
import type { InForce } from "./in-force.ts";
import { changeFor, type Caller } from "./caller.ts";
import type { Catalog, Service } from "./domain/catalog.ts";
import { nearest } from "./domain/nearest.ts";
import { authorise } from "./domain/permit.ts";
import { describeDuty, type Assignee, type Duty, type Party, type Responsibility } from "./domain/duty.ts";
import type { Rotation } from "./domain/rotation.ts";
import { actorKey } from "./domain/actor.ts";
import { Invalid } from "./errors.ts";
import { onCallNow } from "./on-call/rotations.ts";
import { groundOf } from "./people.ts";
import { endOverride, insertOverride } from "./store/catalog.ts";
import { makeDue } from "./store/checks.ts";
import { touchUpUnowned } from "./store/touch-ups.ts";

/** The ownership door: who answers for what. The catalog says it; people change it in Slack until the catalog catches up. */

/** @throws Invalid naming the nearest service there is. */
export function serviceNamed(catalog: Catalog, key: string): Service {
  const service = catalog.services[key.toLowerCase()];
  if (service !== undefined) return service;
  const keys = Object.keys(catalog.services);
  const close = nearest(key.toLowerCase(), keys);
  if (keys.length === 0)
    throw new Invalid(`I know no service called ${key}.`, {
      hint: "The catalog has no services yet: add them under `services:`, or say `/day2 add https://…`.",
    });
  throw new Invalid(`I know no service called ${key}.`, {
    hint: close === undefined ? `There is ${keys.join(", ")}.` : `Did you mean \`${close}\`?`,
  });
}

/** Who answers for each responsibility of a service now, what was changed in Slack included. */
export function dutiesOf(inForce: InForce, service: Service): Readonly<Partial<Record<Responsibility, Duty>>> {
  const duties = { ...service.duties };
  for (const override of inForce.overrides.filter((each) => each.service === service.key)) {
    if (override.to === null) delete duties[override.responsibility];
    else duties[override.responsibility] = override.to;
  }
  return duties;
}

/** The party that answers for a responsibility of a service now, of a rotation whoever is on call; null when it is a gap or somebody outside. */
export function ownerOf(
  inForce: InForce,
  service: string | null,
  responsibility: Responsibility,
  now: Date,
): Party | null {
  const found = service === null ? undefined : inForce.catalog.services[service];
  if (found === undefined) return null;
  const duty = dutiesOf(inForce, found)[responsibility];
  if (duty === undefined || "by" in duty) return null;
  if (!("rotation" in duty)) return duty;
  const person = onCallNow(inForce, duty.rotation, now);
  return person === null ? null : { person };
}

/** The rotation that is on call for a service, where one is. */
export function rotationOf(inForce: InForce, service: string | null): Rotation | null {
  const found = service === null ? undefined : inForce.catalog.services[service];
  const duty = found === undefined ? undefined : dutiesOf(inForce, found)["on-call"];
  return duty !== undefined && "rotation" in duty ? (inForce.catalog.rotations?.[duty.rotation] ?? null) : null;
}

/** Person keys of whoever is on call for a service now: one person, or everybody of a team. */
export function onCallOf(inForce: InForce, service: string | null, now: Date): string[] {
  const party = ownerOf(inForce, service, "on-call", now);
  if (party === null) return [];
  if ("person" in party) return [party.person];
  const people = Object.values(inForce.catalog.people);
  return people.filter((person) => person.teams.includes(party.team)).map((person) => person.key);
}

/** Party keys that exist in the catalog, as `person:ana` and `team:web`, and `rotation:web` while somebody of it is there. */
export function reachableParties(inForce: InForce, now: Date): ReadonlySet<string> {
  const { catalog } = inForce;
  return new Set([
    ...Object.values(catalog.people)
      .filter((person) => person.slack.length > 0)
      .map((person) => `person:${person.key}`),
    ...Object.values(catalog.teams).map((team) => `team:${team.key}`),
    ...Object.keys(catalog.rotations ?? {})
      .filter((key) => onCallNow(inForce, key, now) !== null)
      .map((key) => `rotation:${key}`),
  ]);
}

/** Gives a responsibility to a party or a rotation, or with null to nobody, over what the catalog says. */
export async function assign(
  app: App,
  caller: Caller,
  service: string,
  responsibility: Responsibility,
  to: Assignee | null,
): Promise<void> {
  const { catalog } = app.inForce();
  const found = serviceNamed(catalog, service);
  authorise("assign", caller.actor, groundOf(app.inForce(), { service: found.key }));
  await changeFor(app, caller, async ({ db, now, log }) => {
    await endOverride(db, found.key, responsibility, now);
    const covered = describeDuty(found.duties[responsibility]);
    await insertOverride(db, {
      service: found.key,
      responsibility,
      to,
      madeBy: actorKey(caller.actor),
      madeAt: now,
      covered,
    });
    await makeDue(db, [`${found.key}/ownership`], now);
    await touchUpUnowned(db, found.key, responsibility, now);
    await log({
      kind: "service.assigned",
      service: found.key,
      detail: { responsibility, party: describeDuty(to ?? undefined) },
    });
  });
  await app.followCatalog();
}
