import type { Person, Team } from "../domain/catalog.ts";
import { given } from "../domain/given.ts";
import { suggestion, type Complaints } from "./complaints.ts";
import { readWake } from "./on-call.ts";
import { ROLE } from "./shape-pieces.ts";
import { PERSON, TEAM } from "./shapes.ts";
import { readZone } from "./times.ts";

/** Reads who there is: people, and the teams that they are in. */

export function readPerson(
  key: string,
  value: unknown,
  known: { readonly teams: readonly string[]; readonly services: readonly string[] },
  complaints: Complaints,
): Person {
  const path = ["people", key];
  const {
    name = key,
    slack = [],
    teams = [],
    role = "operator",
    services = {},
    ...more
  } = complaints.parts(PERSON, value ?? {}, path);
  teams.forEach((team, index) => {
    if (!known.teams.includes(team))
      complaints.add([...path, "teams", index], `There is no team \`${team}\`.`, suggestion(bare(team), known.teams));
  });
  const roles = Object.entries(services).flatMap(([service, value]) => {
    const at = [...path, "services", service];
    if (!known.services.includes(service))
      complaints.addKey(at, `There is no service \`${service}\`.`, suggestion(service, known.services));
    const there = complaints.shape(ROLE, value, at);
    return there === undefined ? [] : [[service, there] as const];
  });
  const zone = more.zone === undefined ? undefined : readZone(more.zone, [...path, "zone"], complaints);
  const wake = readWake(more.wake, [...path, "wake"], complaints);
  return {
    key,
    name,
    slack,
    teams,
    role,
    services: Object.fromEntries(roles),
    ...given({ zone, wake }),
  };
}

function bare(team: string): string {
  return team.replace(/^team-/, "");
}

/** Two people with one Slack account would make it unclear who did something. */
export function refuseSharedAccounts(people: Readonly<Record<string, Person>>, complaints: Complaints): void {
  const holders = new Map<string, string>();
  for (const { key, slack } of Object.values(people)) {
    for (const account of slack) {
      const holder = holders.get(account);
      if (holder !== undefined)
        complaints.add(["people", key, "slack"], `${account} is given twice: for \`${holder}\` and for \`${key}\`.`);
      holders.set(account, key);
    }
  }
}

export function readTeam(key: string, value: unknown, complaints: Complaints): Team {
  const written = complaints.parts(TEAM, value ?? {}, ["teams", key]);
  const { name = key, channel, slack_group: slackGroup } = written;
  return { key, name, ...given({ channel, slackGroup }) };
}
