import type { Call, Reply } from "../json-server.ts";
import { answer, error, everything, type Asked, type Route, type World } from "./api.ts";
import { begin, restart, shown, shownOperation, shownRun, type Database, type Operation } from "./database.ts";

/** The Cloud SQL Admin API, version 1, as its reference has it, as far as it is about instances, their backups and restarts. */

/** By method and what stands behind the name of an instance. */
const ROUTES: Readonly<Record<string, Route<Database>>> = {
  "GET ": { permissions: ["cloudsql.instances.get"], answer: ({ thing }) => ({ status: 200, body: shown(thing) }) },
  "GET /backupRuns": { permissions: ["cloudsql.backupRuns.list"], answer: listed },
  "POST /backupRuns": { permissions: ["cloudsql.backupRuns.create"], answer: inserted },
  "POST /restart": { permissions: ["cloudsql.instances.restart"], answer: restarted },
};

const PATH = /^\/v1\/(projects\/[\w-]+\/instances\/[\w-]+)(\/\w+)?$/;
const EVERY = /^\/v1\/(projects\/[\w-]+)\/instances$/;
const OPERATIONS = /^\/v1\/(projects\/[\w-]+)\/operations$/;
const OPERATION = /^\/v1\/(projects\/[\w-]+)\/operations\/([\w-]+)$/;

export function answerSql(world: World, call: Call, things: ReadonlyMap<string, Database>): Reply {
  const [, project] = EVERY.exec(call.url.pathname) ?? [];
  if (project !== undefined) {
    const permissions = ["cloudsql.instances.list"];
    const route = call.method === "GET" ? { permissions, answer: listedEverywhere } : undefined;
    return answer(world, call, { path: project, route, things: everything(project, things) });
  }
  const [, all] = OPERATIONS.exec(call.url.pathname) ?? [];
  if (all !== undefined) {
    const route = { permissions: ["cloudsql.instances.list"], answer: listedOperations };
    return answer(world, call, { path: all, route, things: everything(all, things) });
  }
  const [, of, name] = OPERATION.exec(call.url.pathname) ?? [];
  if (of !== undefined && name !== undefined) {
    const route = {
      permissions: ["cloudsql.instances.get"],
      answer: (asked: Asked<Database[]>) => operation(asked, name),
    };
    return answer(world, call, { path: of, route, things: everything(of, things) });
  }
  const [, path = "", beneath = ""] = PATH.exec(call.url.pathname) ?? [];
  return answer(world, call, { path, route: ROUTES[`${call.method} ${beneath}`], things });
}

const MOST = 2; // of what is listed in one answer, however many are asked for

function listed({ call, thing: { runs } }: Asked<Database>): Reply {
  const { from, nextPageToken } = turn(call, runs.length);
  const items = runs.slice(from, from + MOST).map(shownRun);
  return { status: 200, body: { kind: "sql#backupRunsList", ...(items.length === 0 ? {} : { items }), nextPageToken } };
}

function listedEverywhere({ world, call, thing: all }: Asked<Database[]>): Reply {
  const { from, nextPageToken } = turn(call, all.length);
  const warnings = [...world.unreached].map((region) => ({
    code: "REGION_UNREACHABLE",
    message: "The region is not reachable.",
    region,
  }));
  const items = all.slice(from, from + MOST).map(shown);
  const body = { kind: "sql#instancesList", ...(warnings.length === 0 ? {} : { warnings }), items, nextPageToken };
  return { status: 200, body };
}

function turn({ url }: Call, count: number): { from: number; nextPageToken: string | undefined } {
  const from = Number(url.searchParams.get("pageToken") ?? "0");
  return { from, nextPageToken: from + MOST < count ? String(from + MOST) : undefined };
}

const FIELDS = ["description", "location", "kind", "instance", "type"];

function inserted({ call, email, world, thing: database }: Asked<Database>): Reply {
  const body = JSON.parse(call.body) as { description?: string; location?: string };
  const unknown = Object.keys(body).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined)
    return error(400, `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`);
  if (database.declared["instanceType"] === "READ_REPLICA_INSTANCE")
    return refused(400, "invalidOperation", "The operation isn't valid for this instance.");
  const { description = "", location = "eu" } = body;
  const begun = begin(database, email, { description, location });
  if (begun !== null) world.effect(email, `POST backupRuns in ${location}`, description.replace(/^daytwo /, ""));
  return answerTo(begun);
}

function restarted({ call, email, world, thing: database }: Asked<Database>): Reply {
  if (call.body !== "") return error(400, "The request body must be empty.");
  const begun = restart(database, email);
  const [, token = ""] = /^daytwo \((.*)\)$/.exec(call.headers["user-agent"] ?? "") ?? [];
  if (begun !== null) world.effect(email, "POST restart", token);
  return answerTo(begun);
}

/** Null where something else is being done to it. */
function answerTo(begun: Operation | null): Reply {
  if (begun !== null) return { status: 200, body: shownOperation(begun) };
  return refused(
    409,
    "operationInProgress",
    "Operation failed because another operation was already in progress. Try your request after the current operation is complete.",
  );
}

/** The newest first. */
function listedOperations({ call, thing: databases }: Asked<Database[]>): Reply {
  const name = call.url.searchParams.get("instance");
  const of = databases.filter(({ path }) => name === null || path.endsWith(`/${name}`));
  const all = of.flatMap(({ operations }) => operations.toReversed());
  const { from, nextPageToken } = turn(call, all.length);
  const items = all.slice(from, from + MOST).map(shownOperation);
  return { status: 200, body: { kind: "sql#operationsList", ...(items.length === 0 ? {} : { items }), nextPageToken } };
}

function operation({ thing: all }: Asked<Database[]>, name: string): Reply {
  const found = all.flatMap(({ operations }) => operations).find((each) => each.name === name);
  return found === undefined
    ? refused(404, "operationDoesNotExist", "The Cloud SQL instance operation does not exist.")
    : { status: 200, body: shownOperation(found) };
}

/** In the manner of older APIs, which tells the reason in a list. */
function refused(code: number, reason: string, message: string): Reply {
  return { status: code, body: { error: { code, message, errors: [{ message, domain: "global", reason }] } } };
}
