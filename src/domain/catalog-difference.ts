import { dependenciesOf, type Catalog, type Person, type Service } from "./catalog.ts";
import { canonical } from "./canonical.ts";
import { describeDuty, RESPONSIBILITIES, type Duty } from "./duty.ts";

/** What a new catalog changes, in lines for people: "+ service blog", "− check shop/disk", "backups of shop: nobody → ana". */
export function differences(before: Catalog, after: Catalog): string[] {
  return [
    ...ofEach("service", before.services, after.services, ofService),
    ...ofEach("person", before.people, after.people, ofPerson),
    ...ofEach("team", before.teams, after.teams),
    ...ofEach("rotation", before.rotations, after.rotations),
    ...moved("the default channel", before.channel, after.channel),
    ...whole("policies", before.policies, after.policies),
    ...whole("freezes", before.freezes ?? [], after.freezes ?? []),
    ...whole("windows", before.windows ?? [], after.windows ?? []),
    ...ofEach("source of alerts", before.alerts, after.alerts),
    ...whole("routes of alerts", before.routes ?? [], after.routes ?? []),
    ...ofEach("heartbeat", before.heartbeats, after.heartbeats),
    ...whole("whom items tell", before.escalation, after.escalation),
    ...whole("working hours", before.workingHours, after.workingHours),
    ...whole("digests", before.digests, after.digests),
    ...whole("how long an acknowledgement holds", before.acknowledge, after.acknowledge),
    ...whole("what counts as a storm", before.storm, after.storm),
    ...whole("whether dependents fold", before.foldDependents, after.foldDependents),
  ];
}

/** What is told as one thing; one that is left out says as much as one with nothing in it. */
function whole(what: string, was: unknown = {}, is: unknown = {}): string[] {
  return same(was, is) ? [] : [`${what} changed`];
}

/** Keys of what a new catalog says differently on cards: of a service, also through what it needs and who answers for it. */
export type Concerned = {
  readonly services: readonly string[];
  readonly people: readonly string[];
  readonly teams: readonly string[];
  readonly rotations: readonly string[];
};

export function concerned(before: Catalog, after: Catalog): Concerned {
  const people = changed(before.people, after.people, ({ name, slack, role, services }) => [
    name,
    slack,
    role,
    services,
  ]);
  const teams = changed(before.teams, after.teams, ({ name, slackGroup }) => [name, slackGroup]);
  const rotations = changed(before.rotations ?? {}, after.rotations ?? {}, (rotation) => rotation);
  const parties = { people, teams, rotations };
  const own = new Set(changed(before.services, after.services, (service) => service));
  const services = [before, after].flatMap((catalog) =>
    Object.values(catalog.services)
      .filter(
        (service) =>
          own.has(service.key) ||
          dependenciesOf(catalog, service).some(({ key }) => own.has(key)) ||
          Object.values(service.duties).some((duty) => isOneOf(duty, parties)),
      )
      .map(({ key }) => key),
  );
  return { services: [...new Set(services)], ...parties };
}

/** Whether somebody is among these people, teams and rotations. */
export function isOneOf(duty: Duty, { people, teams, rotations }: Omit<Concerned, "services">): boolean {
  if ("person" in duty) return people.includes(duty.person);
  if ("team" in duty) return teams.includes(duty.team);
  return "rotation" in duty && rotations.includes(duty.rotation);
}

function changed<Value>(before: Keyed<Value>, after: Keyed<Value>, said: (value: Value) => unknown): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.filter((key) => {
    const [was, is] = [before[key], after[key]];
    return was === undefined || is === undefined || !same(said(was), said(is));
  });
}

type Keyed<Value> = Readonly<Record<string, Value>>;

/** What came, what went, and what `inside` says of what stayed and differs; where it has no words, that it changed. */
function ofEach<Value>(
  kind: string,
  before: Keyed<Value> = {},
  after: Keyed<Value> = {},
  inside: (key: string, was: Value, is: Value) => string[] = () => [],
): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const [was, is] = [before[key], after[key]];
    if (was === undefined) return [`+ ${kind} ${key}`];
    if (is === undefined) return [`− ${kind} ${key}`];
    if (same(was, is)) return [];
    const said = inside(key, was, is);
    return said.length === 0 ? [`${kind} ${key} changed`] : said;
  });
}

const FACTS = ["name", "environment", "channel", "runbook", "dashboard"] as const;

function ofService(key: string, was: Service, is: Service): string[] {
  return [
    ...ofEach("check", byKey(was.checks), byKey(is.checks)),
    ...ofEach("target", byKey(was.targets), byKey(is.targets)),
    ...ofEach("task", byName(key, was.tasks), byName(key, is.tasks)),
    ...ofEach("sequence", byName(key, was.sequences), byName(key, is.sequences)),
    ...RESPONSIBILITIES.flatMap((each) =>
      moved(`${each} of ${key}`, describeDuty(was.duties[each]), describeDuty(is.duties[each]), "nobody"),
    ),
    ...FACTS.flatMap((fact) => moved(`${fact} of ${key}`, was[fact], is[fact])),
  ];
}

function ofPerson(key: string, was: Person, is: Person): string[] {
  return moved(`role of ${key}`, was.role, is.role);
}

function moved(what: string, was: string | null | undefined, is: string | null | undefined, none = "none"): string[] {
  return was === is ? [] : [`${what}: ${was ?? none} → ${is ?? none}`];
}

/** "trim-logs of shop" */
function byName(of: string, all: readonly { readonly name: string }[] = []): Keyed<unknown> {
  return Object.fromEntries(all.map((each) => [`${each.name} of ${of}`, each]));
}

function byKey<Value extends { readonly key: string }>(values: readonly Value[]): Keyed<Value> {
  return Object.fromEntries(values.map((value) => [value.key, value]));
}

function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}
