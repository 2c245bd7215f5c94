import type { Target } from "../../domain/catalog.ts";
import { formatDuration } from "../../domain/measures.ts";
import type { Observation } from "../../domain/observation.ts";
import { shortened } from "./api.ts";
import { isKeptElsewhere, lastGoodOf, takenAt, versionOf, type Database, type Run } from "./sql-see.ts";

/** A look at a Cloud SQL instance, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  replica: "Replica of",
  elsewhere: "Backups by",
  schedule: "Backups",
  location: "Backups are in",
  attempt: "Last attempt",
  lastGood: "Last good backup",
  took: "It took",
  recovery: "Point-in-time recovery",
  machine: "Machine",
  storage: "Storage",
  maintenance: "Maintenance",
  stopped: "Stopped",
} as const;

export function observation(target: Target, database: Database): Observation {
  const { databaseInstalledVersion, databaseVersion } = database;
  const backups = backupsOf(database);
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(database),
    ...healthOf(database),
    release: databaseInstalledVersion ?? databaseVersion,
    releases: [],
    sizes: [],
    certificates: [],
    ...(backups === undefined ? {} : { backups }),
    facts: factsOf(database),
  };
}

type Health = Pick<Observation, "health" | "problem">;

const STATES: Readonly<Record<string, Health>> = {
  RUNNABLE: { health: "ok" },
  SUSPENDED: { health: "down", problem: "it is suspended" },
  FAILED: { health: "down", problem: "it has failed" },
  PENDING_DELETE: { health: "down", problem: "it is being deleted" },
  MAINTENANCE: { health: "degraded", problem: "it is down for maintenance" },
  PENDING_CREATE: { health: "degraded", problem: "it is being made" },
  REPAIRING: { health: "degraded", problem: "it is being repaired" },
};

function healthOf({ state, suspensionReason: reasons, outOfDiskReport }: Database): Health {
  // Google stops it then, so that nothing is damaged.
  if (outOfDiskReport?.sqlOutOfDiskState === "SOFT_SHUTDOWN") return { health: "down", problem: "its disk is full" };
  const found = STATES[state] ?? { health: "unknown" };
  return state === "SUSPENDED" && reasons.length > 0
    ? { ...found, problem: `it is suspended (${shortened(reasons.join(", "))})` }
    : found;
}

/** A replica has none of its own. */
function backupsOf(database: Database): Observation["backups"] {
  if (database.masterInstanceName !== undefined || isKeptElsewhere(database)) return undefined;
  const good = lastGoodOf(database);
  return {
    isScheduled: database.settings.backupConfiguration.enabled,
    lastGood: (good === undefined ? undefined : takenAt(good)) ?? null,
  };
}

function factsOf(database: Database): Observation["facts"] {
  const { masterInstanceName: master, scheduledMaintenance, settings } = database;
  const { backupConfiguration: backup, activationPolicy } = settings;
  const good = lastGoodOf(database);
  const [newest] = database.runs;
  const isOwn = backupsOf(database) !== undefined;
  const starts = scheduledMaintenance?.startTime;
  const facts: readonly (readonly [string, string | false | undefined])[] = [
    [FACT.stopped, activationPolicy === "NEVER" && "by whoever declares it"],
    [FACT.replica, master],
    [FACT.elsewhere, isKeptElsewhere(database) && "Google's Backup and DR Service"],
    [FACT.schedule, isOwn && scheduleOf(backup)],
    [FACT.lastGood, isOwn && (good === undefined ? "none" : momentOf(good))],
    [FACT.took, isOwn && tookOf(database.runs)],
    [FACT.attempt, isOwn && newest !== undefined && newest !== good && attemptOf(newest)],
    [FACT.location, isOwn && backup.location],
    [FACT.recovery, isOwn && recoveryOf(backup)],
    [FACT.maintenance, starts !== undefined && `planned for ${minuteOf(starts)}`],
    [
      FACT.machine,
      `${settings.tier}${settings.availabilityType === "REGIONAL" ? ", with a standby in another zone" : ""}`,
    ],
    [FACT.storage, storageOf(settings)],
  ];
  return Object.fromEntries(
    facts.flatMap(([label, fact]) => (fact === undefined || fact === false || fact === "" ? [] : [[label, fact]])),
  );
}

type Schedule = Database["settings"]["backupConfiguration"];

function scheduleOf({ enabled, startTime, backupRetentionSettings }: Schedule): string {
  if (!enabled) return "none are made by themselves";
  const kept = backupRetentionSettings?.retainedBackups;
  return `daily${startTime === undefined ? "" : ` from ${startTime} UTC`}${kept === undefined ? "" : `, ${kept} are kept`}`;
}

/** MySQL does it by its binary log. */
function recoveryOf({
  pointInTimeRecoveryEnabled,
  binaryLogEnabled,
  transactionLogRetentionDays: days,
}: Schedule): string {
  if (!pointInTimeRecoveryEnabled && !binaryLogEnabled) return "off";
  return days === undefined ? "on" : `on, for ${days} days`;
}

const DISKS: Readonly<Record<string, string>> = { PD_SSD: "SSD", PD_HDD: "HDD" };

function storageOf({ dataDiskSizeGb: size, dataDiskType: type = "", storageAutoResize }: Database["settings"]): string {
  if (size === undefined) return "";
  return `${size} GB ${DISKS[type] ?? type}${storageAutoResize === true ? ", grows by itself" : ""}`;
}

function momentOf(run: Run): string {
  return minuteOf(takenAt(run) ?? "");
}

/** "12 minutes" */
function tookOf(runs: readonly Run[]): string {
  const { startTime, endTime } = runs.find(({ status }) => status === "SUCCESSFUL") ?? {};
  if (startTime === undefined || endTime === undefined) return "";
  return formatDuration(Date.parse(endTime) - Date.parse(startTime));
}

function attemptOf(run: Run): string {
  const why = run.error?.message ?? run.error?.code;
  return `${run.status.toLowerCase()} ${momentOf(run)}${why === undefined ? "" : `: ${shortened(why)}`}`;
}

/** "2026-11-28 03:12 UTC" */
function minuteOf(moment: string): string {
  return `${moment.slice(0, 16).replace("T", " ")} UTC`;
}
