import { createHash } from "node:crypto";
import { z } from "zod";
import { canonical } from "../../domain/canonical.ts";
import type { Answer } from "../http-json.ts";
import { look, pathOf, shortened, SQL_PATH, type Settings } from "./api.ts";

/** What there is of a Cloud SQL instance and of its backups. Numbers of 64 bits come as text, and stay that. */

const instance = z.object({
  state: z.string().default(""),
  suspensionReason: z.array(z.string()).default([]),
  databaseVersion: z.string().default(""),
  databaseInstalledVersion: z.string().optional(),
  instanceType: z.string().default(""),
  /** Of a replica: "acme-shop:shop-db". */
  masterInstanceName: z.string().optional(),
  scheduledMaintenance: z.object({ startTime: z.string().optional() }).optional(),
  outOfDiskReport: z.object({ sqlOutOfDiskState: z.string().optional() }).optional(),
  settings: z.object({
    settingsVersion: z.string().default(""),
    tier: z.string().default(""),
    availabilityType: z.string().optional(),
    activationPolicy: z.string().default("ALWAYS"),
    dataDiskSizeGb: z.string().optional(),
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
  id: z.string(),
  status: z.string().default(""),
  type: z.string().default(""),
  description: z.string().default(""),
  enqueuedTime: z.string().optional(),
  startTime: z.string().optional(),
  endTime: z.string().optional(),
  maxChargeableBytes: z.string().optional(),
  error: z.object({ code: z.string().optional(), message: z.string().optional() }).optional(),
});
export type Run = z.infer<typeof run>;

/** The newest backup comes first. */
export type Database = Instance & { readonly runs: readonly Run[] };

/** @throws Unavailable | Invalid */
export async function databaseOf(where: Settings, signal: AbortSignal): Promise<Database> {
  const own = await look(where, { path: pathOf(where) }, instance, signal);
  return { ...own, runs: hasBackups(own) ? await runsOf(where, signal) : [] };
}

const page = z.object({ items: z.array(run).default([]), nextPageToken: z.string().default("") });
const ENOUGH = 100; // backups; seven are kept of those that are made daily, where nobody says more

async function runsOf(where: Settings, signal: AbortSignal): Promise<Run[]> {
  const all: Run[] = [];
  let pageToken = "";
  do {
    const query = { maxResults: String(ENOUGH), ...(pageToken === "" ? {} : { pageToken }) };
    const { items, nextPageToken } = await look(where, { path: pathOf(where, "/backupRuns"), query }, page, signal);
    all.push(...items);
    pageToken = nextPageToken;
  } while (pageToken !== "" && all.length < ENOUGH);
  return all;
}

const operation = z.object({ name: z.string() });
const ended = z.object({
  status: z.string().default(""),
  error: z.object({ errors: z.array(z.object({ code: z.string(), message: z.string().default("") })) }).optional(),
});

/** What went wrong with what Google took: an operation that is done may have failed. @throws Unavailable | Invalid */
export async function failureOf(where: Settings, taken: Answer, signal: AbortSignal): Promise<string | null> {
  const begun = operation.safeParse(taken.body);
  if (!begun.success) return null;
  const path = `${SQL_PATH}${where.project}/operations/${encodeURIComponent(begun.data.name)}`;
  const { status, error } = await look(where, { path }, ended, signal);
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

/** What somebody wants of it; backups that it makes by itself are no change. */
export function versionOf({ databaseVersion, databaseInstalledVersion, settings, runs }: Database): string {
  const text = canonical({
    settings: settings.settingsVersion,
    database: databaseInstalledVersion ?? databaseVersion,
    asked: runs.find(({ type }) => type === "ON_DEMAND")?.id ?? null,
  });
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
