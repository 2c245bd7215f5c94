import { readHeartbeat, readRoute, readSource } from "./catalog/alerts.ts";
import { collectComplaints, suggestion } from "./catalog/complaints.ts";
import type { Complaint, Complaints, Path } from "./catalog/complaints.ts";
import { refuseCircles } from "./catalog/needs.ts";
import { readPolicy, readStorm, readWindow } from "./catalog/rules.ts";
import { readEscalation, readRotation, readWake, readWorkingHours } from "./catalog/on-call.ts";
import { readService } from "./catalog/services.ts";
import type { Kinds } from "./catalog/kinds.ts";
import { KEY, KEY_RULE, RESERVED } from "./catalog/keys.ts";
import { ROLE } from "./catalog/shape-pieces.ts";
import { ACKNOWLEDGE, FILE, PERSON, TEAM } from "./catalog/shapes.ts";
import { readDigests, readZone } from "./catalog/times.ts";
import { readYaml } from "./catalog/yaml.ts";
import type { Misread, Source } from "./catalog/yaml.ts";
import { EMPTY_CATALOG } from "./domain/catalog.ts";
import type { Catalog, Person, Team } from "./domain/catalog.ts";
import type { Window, WindowKind } from "./domain/window.ts";

/** Something wrong in the file. `line` and `column` count from 1; `path` is like `services.shop.checks.http.url`. */
export type Problem = {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
  /** What to do about it, where that is known. */
  readonly hint?: string;
};

/**
 * Reads the text of `daytwo.yaml`. The format, with a full example, is in docs/catalog.md. Settings of targets and
 * checks are kept as they were written, once their own schema has accepted them; whoever uses them parses them again.
 * Either the whole catalog is right, or every problem is reported, in the order of the file.
 */
export function readCatalog(text: string, kinds: Kinds): { catalog: Catalog } | { problems: Problem[] } {
  const yaml = readYaml(text);
  if ("misread" in yaml) return { problems: yaml.misread.map((each) => problem(each, [], each)) };
  const complaints = collectComplaints();
  const catalog = read(yaml.source.value, kinds, complaints);
  if (complaints.list.length === 0) return { catalog };
  return { problems: located(complaints.list, yaml.source) };
}

function read(value: unknown, kinds: Kinds, complaints: Complaints): Catalog {
  if (value === null || value === undefined) return EMPTY_CATALOG;
  const file = complaints.parts(FILE, value, []);
  const {
    channel = EMPTY_CATALOG.channel,
    people: persons = {},
    teams = {},
    rotations: turns = {},
    services: served = {},
    policies = [],
    freezes = [],
    windows = [],
    routes = [],
  } = file;
  const keys = { people: Object.keys(persons), teams: Object.keys(teams), services: Object.keys(served) };
  const around = { kinds, ...keys, rotations: Object.keys(turns), channel };
  const people = section(persons, "people", complaints, (key, one) => readPerson(key, one, keys, complaints));
  const services = section(served, "services", complaints, (key, one) => readService(key, one, around, complaints));
  refuseSharedAccounts(people, complaints);
  refuseCircles(services, complaints);
  function times(kind: WindowKind, all: readonly unknown[], name: string): Window[] {
    return all.flatMap((one, index) => readWindow(kind, one, [name, index], services, complaints) ?? []);
  }
  const outside = { services: keys.services, sources: Object.keys(file.alerts ?? {}) };
  const sources = section(file.alerts ?? {}, "alerts", complaints, (key, one) =>
    readSource(key, one, outside, complaints),
  );
  const heartbeats = section(file.heartbeats ?? {}, "heartbeats", complaints, (key, one) =>
    readHeartbeat(key, one, outside, complaints),
  );
  const rotations = section(turns, "rotations", complaints, (key, one) =>
    readRotation(key, one, keys.people, complaints),
  );
  const escalation = readEscalation(file.escalation, ["escalation"], complaints);
  const workingHours = readWorkingHours(file.working_hours, complaints);
  return {
    channel,
    people,
    teams: section(teams, "teams", complaints, (key, one) => readTeam(key, one, complaints)),
    services,
    policies: policies.map((one, index) => readPolicy(one, ["policies", index], services, complaints)),
    freezes: times("freeze", freezes, "freezes"),
    windows: times("maintenance", windows, "windows"),
    digests: readDigests(file.digest, channel, complaints),
    ...(file.acknowledge === undefined || file.acknowledge === null
      ? {}
      : { acknowledge: complaints.parts(ACKNOWLEDGE, file.acknowledge, ["acknowledge"]) }),
    ...readStorm(file.storm, complaints),
    ...(file.fold_dependents === "off" || file.fold_dependents === false ? { foldDependents: false as const } : {}),
    ...present("alerts", sources),
    ...(routes.length === 0
      ? {}
      : { routes: routes.map((one, index) => readRoute(one, ["routes", index], outside, complaints)) }),
    ...present("heartbeats", heartbeats),
    ...(Object.keys(rotations).length === 0 ? {} : { rotations }),
    ...(escalation === undefined ? {} : { escalation }),
    ...(workingHours === undefined ? {} : { workingHours }),
  };
}

/** What could be read of a section; nothing where there is none, so that a catalog without it is what it was. */
function present<Name extends string, Read>(
  name: Name,
  read: Readonly<Record<string, Read | null>>,
): Partial<Record<Name, Record<string, Read>>> {
  const all = Object.entries(read).flatMap(([key, one]) => (one === null ? [] : [[key, one] as const]));
  return all.length === 0 ? {} : ({ [name]: Object.fromEntries(all) } as Record<Name, Record<string, Read>>);
}

function section<Read>(
  entries: Readonly<Record<string, unknown>>,
  name: keyof typeof RESERVED,
  complaints: Complaints,
  one: (key: string, value: unknown) => Read,
): Record<string, Read> {
  const all: Record<string, Read> = {};
  for (const [key, value] of Object.entries(entries)) {
    if (!KEY.test(key)) {
      const small = key.toLowerCase().replaceAll(/[\s_.]+/g, "-");
      complaints.addKey(
        [name, key],
        `The key \`${key}\` ${KEY_RULE}.`,
        KEY.test(small) ? `Write \`${small}\`.` : undefined,
      );
    } else if (RESERVED[name].test(key)) {
      complaints.addKey([name, key], `\`${key}\` has a meaning of its own in commands.`, "Choose another key.");
    }
    all[key] = one(key, value);
  }
  return all;
}

function readPerson(
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
  const wake = readWake(more.wake, [...path, "wake"], complaints);
  return {
    key,
    name,
    slack,
    teams,
    role,
    services: Object.fromEntries(roles),
    ...(more.zone === undefined ? {} : { zone: readZone(more.zone, [...path, "zone"], complaints) }),
    ...(wake === undefined ? {} : { wake }),
  };
}

function bare(team: string): string {
  return team.replace(/^team-/, "");
}

/** Two people with one Slack account would make it unclear who did something. */
function refuseSharedAccounts(people: Readonly<Record<string, Person>>, complaints: Complaints): void {
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

function readTeam(key: string, value: unknown, complaints: Complaints): Team {
  const written = complaints.parts(TEAM, value ?? {}, ["teams", key]);
  return {
    key,
    name: written.name ?? key,
    ...(written.channel === undefined ? {} : { channel: written.channel }),
    ...(written.slack_group === undefined ? {} : { slackGroup: written.slack_group }),
  };
}

function located(complaints: readonly Complaint[], source: Source): Problem[] {
  return complaints
    .map((complaint) => problem(source.place(complaint.path, complaint.at), complaint.path, complaint))
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function problem(
  place: Pick<Misread, "line" | "column">,
  path: Path,
  said: { message: string; hint?: string | undefined },
): Problem {
  return {
    line: place.line,
    column: place.column,
    path: path.join("."),
    message: said.message,
    ...(said.hint === undefined ? {} : { hint: said.hint }),
  };
}
