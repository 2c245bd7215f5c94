import { may } from "../../src/domain/permit.ts";
import type { Actor as Acting } from "../../src/domain/actor.ts";
import type { EventRow, Rows } from "./rows.ts";
import { only, PERSONS, SERVICES, type Declared, type PersonKey, type Who } from "./world.ts";

/** What surfaces and rows say is held against each other as facts; and who is who in them. */

export type Facts = Readonly<Record<string, string | null>>;

/** What a surface says otherwise than it should, a sentence for each fact. */
export function differ(surface: string, said: Facts, held: Facts): string[] {
  return Object.keys(held).flatMap((fact) =>
    (said[fact] ?? null) === held[fact]
      ? []
      : [`${surface}: ${fact} is “${said[fact] ?? "not said"}”, and “${held[fact] ?? "nothing"}” in the row`],
  );
}

/** How every surface writes a moment. */
export const MOMENT = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;

/** The first group that matched; null where nothing does. */
export function line(plain: string, pattern: RegExp): string | null {
  const found = pattern.exec(plain);
  return found?.slice(1).find((group) => group !== undefined) ?? null;
}

/** Text from outside as Slack shows it: what would be markup stands there as a lookalike. */
export function shown(text: string): string {
  return text.replaceAll("*", "∗").replaceAll("`", "‵");
}

/** As the catalog in force calls them, or last did: people leave, and what they did stays theirs. */
export function nameOf(key: string): string {
  return Object.entries(PERSONS).find(([each]) => each === key)?.[1].name ?? key;
}

/** Whoever left is called by name, and mentioned no more. */
export function mentionOf(key: string, people: readonly PersonKey[]): string {
  return people.some((each) => each === key) ? `@${key}` : nameOf(key);
}

export function whoDid({ person, account }: EventRow, accounts: ReadonlyMap<string, string>): string {
  if (person !== null) return nameOf(person);
  return account === null ? "Daytwo" : `@${accounts.get(account) ?? account}`;
}

/** Somebody as the permits see them while the catalog says this. */
export function actingOf({ name, account, person }: Who, { people, services }: Declared): Acting {
  const key = people.find((each) => each === person) ?? null;
  return {
    person: key,
    account,
    team: "T0LOCAL",
    kind: name === "gus" ? "guest" : "member",
    role: key === null ? null : PERSONS[key].role,
    services: key === null ? {} : only(PERSONS[key].services, services),
    name,
  };
}

function personActing(key: PersonKey, declared: Declared): Acting {
  return actingOf({ name: nameOf(key), account: PERSONS[key].slack[0], person: key }, declared);
}

/** Who may approve what somebody asked for. */
export function approversOf(service: string, requestedBy: string, declared: Declared): PersonKey[] {
  return declared.people.filter(
    (key) => key !== requestedBy && may("approve", personActing(key, declared), { service, catalogHasPeople: true }),
  );
}

/** Who answers for a responsibility: as it was said in Slack, else as the catalog says. Null: nobody. */
export function dutyOf(
  service: string,
  responsibility: string,
  { overrides }: Rows,
  { services, people }: Declared,
): { readonly person: PersonKey } | { readonly team: string } | null {
  const key = services.find((each) => each === service);
  if (key === undefined) return null;
  const said = overrides.findLast((each) => each.service === key && each.responsibility === responsibility);
  const owner = said === undefined ? SERVICES[key].owner : (said.person ?? `team-${said.team ?? ""}`);
  if (owner === "team-web") return { team: "web" };
  const person = people.find((each) => each === owner);
  return person === undefined ? null : { person };
}

/** Who is on call and may go alone. */
export function aloneOf(service: string, rows: Rows, declared: Declared): PersonKey[] {
  const duty = dutyOf(service, "on-call", rows, declared);
  if (duty === null) return [];
  const onCall =
    "person" in duty
      ? [duty.person]
      : declared.people.filter((key) => PERSONS[key].teams.some((team: string) => team === duty.team));
  return onCall.filter((key) =>
    may("goAlone", personActing(key, declared), { service, onCall: true, catalogHasPeople: true }),
  );
}
