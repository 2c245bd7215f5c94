import type { z } from "zod";
import { readHeartbeat, readRoute, readSource } from "./catalog/alerts.ts";
import { collectComplaints, type Complaint, type Complaints, type Path } from "./catalog/complaints.ts";
import type { Kinds } from "./catalog/kinds.ts";
import { refuseCircles } from "./catalog/needs.ts";
import { readEscalation, readRotation, readWorkingHours } from "./catalog/on-call.ts";
import { readPerson, refuseSharedAccounts, readTeam } from "./catalog/people.ts";
import { readPolicy, readStorm, readWindow } from "./catalog/rules.ts";
import { present, section } from "./catalog/sections.ts";
import { readService } from "./catalog/services.ts";
import { ACKNOWLEDGE, FILE } from "./catalog/shapes.ts";
import { readDigests } from "./catalog/times.ts";
import { readYaml, type Misread, type Source } from "./catalog/yaml.ts";
import { given } from "./domain/given.ts";
import { EMPTY_CATALOG, type Catalog } from "./domain/catalog.ts";
import type { Window, WindowKind } from "./domain/window.ts";
import { literal } from "./slack/text.ts";

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

export type File = Partial<z.output<typeof FILE>>;

function read(value: unknown, kinds: Kinds, complaints: Complaints): Catalog {
  if (value === null || value === undefined) return EMPTY_CATALOG;
  const file = complaints.parts(FILE, value, []);
  const { channel = EMPTY_CATALOG.channel, people: persons = {}, teams = {}, services: served = {} } = file;
  const keys = { people: Object.keys(persons), teams: Object.keys(teams), services: Object.keys(served) };
  const around = { kinds, ...keys, rotations: Object.keys(file.rotations ?? {}), channel };
  const people = section(persons, "people", complaints, (key, one) => readPerson(key, one, keys, complaints));
  const services = section(served, "services", complaints, (key, one) => readService(key, one, around, complaints));
  refuseSharedAccounts(people, complaints);
  refuseCircles(services, complaints);
  return {
    channel,
    people,
    teams: section(teams, "teams", complaints, (key, one) => readTeam(key, one, complaints)),
    services,
    ...rules(file, services, complaints),
    digests: readDigests(file.digest, channel, complaints),
    ...(file.acknowledge === undefined || file.acknowledge === null
      ? {}
      : { acknowledge: complaints.parts(ACKNOWLEDGE, file.acknowledge, ["acknowledge"]) }),
    ...readStorm(file.storm, complaints),
    ...(file.fold_dependents === "off" || file.fold_dependents === false ? { foldDependents: false as const } : {}),
    ...alerts(file, keys.services, complaints),
    ...onCall(file, keys.people, complaints),
  };
}

function rules(
  { policies = [], freezes = [], windows = [] }: File,
  services: Catalog["services"],
  complaints: Complaints,
): Pick<Catalog, "policies" | "freezes" | "windows"> {
  function times(kind: WindowKind, all: readonly unknown[], name: string): Window[] {
    return all.flatMap((one, index) => readWindow(kind, one, [name, index], services, complaints) ?? []);
  }
  return {
    policies: policies.map((one, index) => readPolicy(one, ["policies", index], services, complaints)),
    freezes: times("freeze", freezes, "freezes"),
    windows: times("maintenance", windows, "windows"),
  };
}

function alerts(
  { alerts: senders = {}, routes = [], heartbeats: callers = {} }: File,
  services: readonly string[],
  complaints: Complaints,
): Pick<Catalog, "alerts" | "routes" | "heartbeats"> {
  const outside = { services, sources: Object.keys(senders) };
  const sources = section(senders, "alerts", complaints, (key, one) => readSource(key, one, outside, complaints));
  const heartbeats = section(callers, "heartbeats", complaints, (key, one) =>
    readHeartbeat(key, one, outside, complaints),
  );
  const routed = routes.map((one, index) => readRoute(one, ["routes", index], outside, complaints));
  return {
    ...present("alerts", sources),
    ...given({ routes: routed.length === 0 ? undefined : routed }),
    ...present("heartbeats", heartbeats),
  };
}

function onCall(
  file: File,
  people: readonly string[],
  complaints: Complaints,
): Pick<Catalog, "rotations" | "escalation" | "workingHours"> {
  const rotations = section(file.rotations ?? {}, "rotations", complaints, (key, one) =>
    readRotation(key, one, people, complaints),
  );
  const escalation = readEscalation(file.escalation, ["escalation"], complaints);
  const workingHours = readWorkingHours(file.working_hours, complaints);
  return {
    ...present("rotations", rotations),
    ...given({ escalation, workingHours }),
  };
}

function located(complaints: readonly Complaint[], source: Source): Problem[] {
  return complaints
    .map((complaint) => problem(source.place(complaint.path, complaint.at), complaint.path, complaint))
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

const LONGEST = 500; // characters of a sentence: what it quotes may be much longer

function problem(
  place: Pick<Misread, "line" | "column">,
  path: Path,
  said: { message: string; hint?: string | undefined },
): Problem {
  return {
    line: place.line,
    column: place.column,
    path: path.join("."),
    message: literal(said.message, LONGEST),
    ...given({ hint: said.hint }),
  };
}
