import type { Names } from "./domain/board/names.ts";
import type { Catalog, Person } from "./domain/catalog.ts";
import type { Ground } from "./domain/permit.ts";
import { Invalid } from "./errors.ts";
import type { InForce } from "./in-force.ts";

/** The people of the catalog: who is meant, what a permit rests on, and how they are shown. */

export function personOfAccount(catalog: Catalog, account: string): Person | null {
  return Object.values(catalog.people).find((person) => person.slack.includes(account)) ?? null;
}

/** The person that somebody typed: a mention, a key or a name of the catalog. @throws Invalid naming who there is. */
export function personTyped(catalog: Catalog, typed: string): Person {
  const account = /^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$/.exec(typed)?.[1];
  const wanted = typed.replace(/^@/, "").toLowerCase();
  const found =
    account === undefined
      ? Object.values(catalog.people).find((person) => person.key === wanted || person.name.toLowerCase() === wanted)
      : personOfAccount(catalog, account);
  if (found) return found;
  const people = Object.values(catalog.people).map((person) => person.name);
  throw new Invalid(
    account === undefined ? `I know nobody called ${typed}.` : "The catalog does not know that person.",
    {
      hint:
        people.length === 0
          ? "The catalog has no people yet: add them under `people:`."
          : `The catalog knows ${people.join(", ")}.`,
    },
  );
}

const KEEPERS_NAMED = 3;

/** What a permit rests on: what the deed is done on, and what the catalog says of its people. */
export function groundOf({ catalog }: InForce, on: Omit<Ground, "catalogHasPeople" | "keepers">): Ground {
  const people = Object.values(catalog.people);
  const admins = people.filter((person) => person.role === "admin").map((person) => person.name);
  return { ...on, catalogHasPeople: people.length > 0, keepers: admins.slice(0, KEEPERS_NAMED) };
}

/** The account of each, where they read direct messages; of who has none, or left the catalog, nothing. */
export function accountsOf(people: readonly (Person | undefined)[]): string[] {
  return people.flatMap((person) => person?.slack.slice(0, 1) ?? []);
}

/** What somebody is called whom a row names, whoever left too; else their account, which Slack gives a name. */
export function nameOf(inForce: InForce, key: string): string {
  return namesOf(inForce).people[key]?.name ?? `<@${key}>`;
}

/** How people and teams are shown. Who left is called as before, and mentioned no more. */
export function namesOf({ catalog, called, strangers }: InForce): Names {
  const people = Object.values(catalog.people).map(
    (person) => [person.key, { slack: person.slack[0] ?? null, name: person.name }] as const,
  );
  const teams = Object.values(catalog.teams).map(
    (team) => [team.key, { slackGroup: team.slackGroup ?? null, name: team.name }] as const,
  );
  const peopleBefore = Object.entries(called.people).map(([key, name]) => [key, { slack: null, name }] as const);
  const teamsBefore = Object.entries(called.teams).map(([key, name]) => [key, { slackGroup: null, name }] as const);
  // While the catalog has no people, whoever was here is who an item is somebody's, by their account.
  const accounts = Object.entries(strangers).map(([account, name]) => [account, { slack: account, name }] as const);
  return {
    people: Object.fromEntries([...accounts, ...peopleBefore, ...people]),
    teams: Object.fromEntries([...teamsBefore, ...teams]),
    rotations: catalog.rotations ?? {},
  };
}
