import { createHash } from "node:crypto";
import { z } from "zod";
import { canonical } from "../../domain/canonical.ts";
import { Invalid } from "../../errors.ts";
import type { Answer } from "../http-json.ts";
import { look, pathOf, shortened, SQL_PATH, wide, type Sent, type Settings } from "./api.ts";
import { openSight, type Unseen } from "../sight.ts";

/** What there is of a Cloud SQL instance, of its backups and of its restarts. Numbers of 64 bits come as text, and stay that. */

const instance = z.object({
  state: z.string().default(""),
  suspensionReason: z.array(z.string()).default([]),
  databaseVersion: z.string().default(""),
  databaseInstalledVersion: z.string().optional(),
  instanceType: z.string().default(""),
  /** Of a replica: "acme-shop:shop-db". */
  masterInstanceName: z.string().optional(),
  scheduledMaintenance: z
    .object({
      startTime: z.string().optional(),
      canReschedule: z.boolean().default(false),
      /** Until when it can be put off. */
      scheduleDeadlineTime: z.string().optional(),
    })
    .optional(),
  outOfDiskReport: z.object({ sqlOutOfDiskState: z.string().optional() }).optional(),
  settings: z.object({
    settingsVersion: wide.default(""),
    tier: z.string().default(""),
    availabilityType: z.string().optional(),
    activationPolicy: z.string().default("ALWAYS"),
    dataDiskSizeGb: wide.optional(),
    dataDiskType: z.string().optional(),
    storageAutoResize: z.boolean().optional(),
    backupConfiguration: z
      .object({
        enabled: z.boolean().default(false),
        startTime: z.string().optional(),
        location: z.string().optional(),
        backupTier: z.string().optional(),
        backupRetentionSettings: z.object({ retainedBackups: z.int().optional() }).optional(),
        pointInTimeRecoveryEnabled: z.boolean().default(false),
        binaryLogEnabled: z.boolean().default(false),
        transactionLogRetentionDays: z.int().optional(),
      })
      .default({ enabled: false, pointInTimeRecoveryEnabled: false, binaryLogEnabled: false }),
  }),
});

type Instance = z.infer<typeof instance>;

const run = z.object({
  id: wide,
  status: z.string().default(""),
  type: z.string().default(""),
  description: z.string().default(""),
  enqueuedTime: z.string().optional(),
  startTime: z.string().optional(),
  endTime: z.string().optional(),
  maxChargeableBytes: wide.optional(),
  error: z.object({ code: z.string().optional(), message: z.string().optional() }).optional(),
});
export type Run = z.infer<typeof run>;

/** What is done to an instance: one thing at a time, for a while. */
const operation = z.object({
  name: z.string(),
  operationType: z.string().default(""),
  status: z.string().default(""),
  insertTime: z.string().default(""),
  endTime: z.string().optional(),
  error: z.object({ errors: z.array(z.object({ code: z.string(), message: z.string().default("") })) }).optional(),
});
export type Operation = z.infer<typeof operation>;

/** The newest backup and the newest restart come first; restarts are null where we may not see them. */
export type Database = Instance & {
  readonly runs: readonly Run[];
  readonly restarts: readonly Operation[] | null;
  readonly unseen: Unseen;
};

export const UNSEEN = "Backups not seen";

/** @throws Unavailable | Invalid */
export async function databaseOf(where: Settings, signal: AbortSignal): Promise<Database> {
  const sees = openSight();
  const own = await look(where, { path: pathOf(where) }, instance, signal);
  const [runs, restarts] = await Promise.all([
    hasBackups(own) ? sees.of(UNSEEN, listOf(where, { path: pathOf(where, "/backupRuns") }, run, signal), []) : [],
    restartsOf(where, signal),
  ]);
  return { ...own, runs, restarts, unseen: sees.unseen };
}

/** What listing them takes, beyond what a look takes. */
export const RESTARTS_RIGHT = "cloudsql.instances.list";

/** Null where that is refused: only a restart rests on them. @throws Unavailable */
async function restartsOf(where: Settings, signal: AbortSignal): Promise<Operation[] | null> {
  const sent = { path: operationsOf(where), query: { instance: where.database ?? "" } };
  try {
    const operations = await listOf(where, sent, operation, signal);
    const restarts = operations.filter(({ operationType }) => operationType === "RESTART");
    return restarts.toSorted((a, b) => b.insertTime.localeCompare(a.insertTime));
  } catch (error) {
    if (error instanceof Invalid) return null;
    throw error;
  }
}

/** Where the operations of the project are, of all its instances. */
export function operationsOf({ project }: Settings): string {
  return `${SQL_PATH}${project}/operations`;
}

const ENOUGH = 100; // of what comes newest first; seven backups are kept of those that are made daily, where nobody says more

/** @throws Unavailable | Invalid */
async function listOf<Shape extends z.ZodType>(
  where: Settings,
  { path, query = {} }: Pick<Sent, "path" | "query">,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.infer<Shape>[]> {
  const page = z.object({ items: z.array(shape).default([]), nextPageToken: z.string().default("") });
  const all: z.infer<Shape>[] = [];
  let pageToken = "";
  do {
    const more = { ...query, maxResults: String(ENOUGH), ...(pageToken === "" ? {} : { pageToken }) };
    const found: z.infer<typeof page> = await look(where, { path, query: more }, page, signal);
    all.push(...found.items);
    pageToken = found.nextPageToken;
  } while (pageToken !== "" && all.length < ENOUGH);
  return all;
}

/** What went wrong with what Google took. @throws Unavailable | Invalid */
export async function failureOf(where: Settings, taken: Answer, signal: AbortSignal): Promise<string | null> {
  const begun = operation.safeParse(taken.body);
  if (!begun.success) return null;
  const path = `${operationsOf(where)}/${encodeURIComponent(begun.data.name)}`;
  return errorOf(await look(where, { path }, operation, signal));
}

/** An operation that is done may have failed; null where nothing is known to have gone wrong. */
export function errorOf({ status, error }: Operation): string | null {
  const [first] = error?.errors ?? [];
  if (status !== "DONE" || first === undefined) return null;
  return `Google says: ${shortened(first.message === "" ? first.code : first.message)}`;
}

/** Whether Google's Backup and DR Service has its backups, which are not seen and taken here. */
export function isKeptElsewhere({ settings: { backupConfiguration } }: Instance): boolean {
  return ["ENHANCED", "ADVANCED"].includes(backupConfiguration.backupTier ?? "");
}

/** Whether its backups are here: a replica has none of its own. */
export function hasBackups(own: Instance): boolean {
  return own.masterInstanceName === undefined && !isKeptElsewhere(own);
}

/** When what it holds was read; null where nobody says. */
export function takenAt({ startTime, enqueuedTime }: Run): Date | null {
  return dateOf(startTime ?? enqueuedTime);
}

/** Null for what is no date. */
export function dateOf(written = ""): Date | null {
  const date = new Date(written);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** The newest that can be restored; where nothing had changed since, Google skips one, and that is as good. */
export function lastGoodOf({ runs }: Database): Run | undefined {
  if (!runs.some(({ status }) => status === "SUCCESSFUL")) return undefined;
  return runs.find(({ status }) => status === "SUCCESSFUL" || status === "SKIPPED");
}

/**
 * What somebody wants of it, and behind a point the last restart. Backups are no part of it, whoever asked for them: they
 * change nothing that a plan rests on.
 */
export function versionOf({ databaseVersion, databaseInstalledVersion, settings, restarts }: Database): string {
  const text = canonical({
    settings: settings.settingsVersion,
    database: databaseInstalledVersion ?? databaseVersion,
  });
  const wanted = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${wanted}.${restarts === null ? "unseen" : (restarts[0]?.name ?? "")}`;
}

/** The last restart, where it is one since there was this version, whatever else changed since. */
export function restartSince({ restarts }: Database, version: string): Operation | undefined {
  const before = version.slice(version.indexOf(".") + 1);
  const all = restarts ?? [];
  const later = before === "" ? all.length : all.findIndex(({ name }) => name === before);
  return later > 0 ? all[0] : undefined;
}
