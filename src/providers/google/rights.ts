import { z } from "zod";
import type { Target } from "../../domain/catalog.ts";
import { Invalid } from "../../errors.ts";
import { GOOGLE, kindNameOf, look, pathOf, seen, settings, type KindName, type Sent, type Settings } from "./api.ts";
import { accountOf } from "./credentials.ts";
import { operationsOf, RESTARTS_RIGHT } from "./sql-see.ts";
import { complaintOf } from "../http-json.ts";
import type { Standing } from "../provider.ts";

/** As whom Google sees us, and what we may not do there, as far as it can be asked without doing anything. */

export async function examine(target: Target, signal: AbortSignal): Promise<Standing> {
  const where = settings.parse(target.settings);
  const missing = await MISSING[kindNameOf(where)](where, signal);
  return {
    identity: (await accountOf(where.credentials, signal)) ?? "somebody whom the credentials do not name",
    missing,
  };
}

const MISSING: Readonly<Record<KindName, (where: Settings, signal: AbortSignal) => Promise<string[]>>> = {
  service: ofService,
  group: ofGroup,
  database: ofDatabase,
};

/** What can be asked of a service itself, and what for. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  "run.services.get": "seeing it",
  "run.services.update": "every action",
};
const granted = z.object({ permissions: z.array(z.string()).default([]) });

async function ofService(where: Settings, signal: AbortSignal): Promise<string[]> {
  const asked = Object.keys(PERMISSIONS);
  const sent = { method: "POST", path: pathOf(where, ":testIamPermissions"), body: { permissions: asked } };
  const { permissions } = await look(where, sent, granted, signal);
  const list = { path: pathOf(where, "/revisions"), query: { pageSize: "1" } };
  return [
    ...asked.filter((each) => !permissions.includes(each)).map((each) => `${each} (for ${PERMISSIONS[each]})`),
    ...((await works(where, list, signal)) ? [] : ["run.revisions.list (for rollback)"]),
  ];
}

/** A group cannot be asked what one may: what is tried is what changes nothing. */
async function ofGroup(where: Settings, signal: AbortSignal): Promise<string[]> {
  return (await works(where, { path: pathOf(where) }, signal))
    ? []
    : ["compute.instanceGroupManagers.get (for seeing it)"];
}

/** Nor can a database. */
async function ofDatabase(where: Settings, signal: AbortSignal): Promise<string[]> {
  const list = { path: pathOf(where, "/backupRuns"), query: { maxResults: "1" } };
  const operations = { path: operationsOf(where), query: { instance: where.database ?? "", maxResults: "1" } };
  const [isSeen, areBackups, areRestarts] = await Promise.all([
    works(where, { path: pathOf(where) }, signal),
    works(where, list, signal),
    works(where, operations, signal),
  ]);
  return [
    ...(isSeen ? [] : ["cloudsql.instances.get (for seeing it)"]),
    ...(areBackups ? [] : ["cloudsql.backupRuns.list (for seeing its backups)"]),
    ...(areRestarts ? [] : [`${RESTARTS_RIGHT} (for restart)`]),
  ];
}

/** False where it is not allowed. @throws Unavailable | Invalid for all else that goes wrong, a wrong name say */
async function works(where: Settings, sent: Sent, signal: AbortSignal): Promise<boolean> {
  const answer = await seen(where, sent, signal);
  const wrong = complaintOf(answer, GOOGLE);
  if (answer.status === 403 && wrong instanceof Invalid) return false;
  if (wrong !== null) throw wrong;
  return true;
}
