import type { Target } from "../../domain/catalog.ts";
import { formatDuration, minuteText } from "../../domain/measures.ts";
import type { Observation } from "../../domain/observation.ts";
import { told } from "../facts.ts";
import { shortened } from "./api.ts";
import {
  dateOf,
  errorOf,
  hasBackups,
  isKeptElsewhere,
  lastGoodOf,
  RESTARTS_RIGHT,
  takenAt,
  UNSEEN,
  versionOf,
  type Database,
  type Run,
} from "./sql-see.ts";

/** A look at a Cloud SQL instance, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  replica: "Replica of",
  elsewhere: "Backups by",
  schedule: "Backups",
  location: "Backups are in",
  attempt: "Last attempt",
  lastGood: "Last good backup",
  takes: "A backup takes",
  recovery: "Point-in-time recovery",
  machine: "Machine",
  storage: "Storage",
  maintenance: "Maintenance",
  stopped: "Stopped",
  restarted: "Restarted",
  unseen: "Restarts",
} as const;

export function observation(target: Target, database: Database): Observation {
  const { databaseInstalledVersion, databaseVersion } = database;
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(database),
    ...healthOf(database),
    release: databaseInstalledVersion ?? databaseVersion,
    releases: [],
    sizes: [],
    certificates: [],
    ...(hasBackups(database) && !(UNSEEN in database.unseen) ? { backups: backupsOf(database) } : {}),
    updates: updatesOf(database),
    facts: { ...factsOf(database), ...database.unseen },
  };
}

type Health = Pick<Observation, "health" | "problem">;

const STATES: ReadonlyMap<string, Health> = new Map(
  Object.entries({
    RUNNABLE: { health: "ok" },
    SUSPENDED: { health: "down", problem: "it is suspended" },
    FAILED: { health: "down", problem: "it has failed" },
    PENDING_DELETE: { health: "down", problem: "it is being deleted" },
    MAINTENANCE: { health: "degraded", problem: "it is down for maintenance" },
    PENDING_CREATE: { health: "degraded", problem: "it is being made" },
    REPAIRING: { health: "degraded", problem: "it is being repaired" },
  }),
);

function healthOf({ state, suspensionReason: reasons, outOfDiskReport, settings }: Database): Health {
  // Google stops it then, so that nothing is damaged.
  if (outOfDiskReport?.sqlOutOfDiskState === "SOFT_SHUTDOWN") return { health: "down", problem: "its disk is full" };
  // Google calls it RUNNABLE all the same.
  if (state === "RUNNABLE" && isStopped(settings)) return { health: "down", problem: "it is stopped" };
  const found = STATES.get(state) ?? { health: "unknown", problem: `Google calls its state ${shortened(state)}` };
  return state === "SUSPENDED" && reasons.length > 0
    ? { ...found, problem: `it is suspended (${shortened(reasons.join(", "))})` }
    : found;
}

function isStopped({ activationPolicy }: Database["settings"]): boolean {
  return activationPolicy === "NEVER";
}

function backupsOf(database: Database): Observation["backups"] {
  const good = lastGoodOf(database);
  return {
    isScheduled: database.settings.backupConfiguration.enabled,
    lastGood: (good === undefined ? null : takenAt(good))?.toISOString() ?? null,
  };
}

/** What Google has planned to do by itself. That there is a newer version, which it may plan some day, is nothing to do. */
function updatesOf({ scheduledMaintenance: planned }: Database): NonNullable<Observation["updates"]> {
  const starts = dateOf(planned?.startTime);
  if (planned === undefined || starts === null) return [];
  const latest = dateOf(planned.scheduleDeadlineTime);
  const until = latest === null ? "" : `, until ${minuteOf(latest)} at the latest`;
  return [
    {
      name: "maintenance",
      summary: planned.canReschedule ? `it can be put off${until}` : "",
      due: starts.toISOString(),
    },
  ];
}

type Fact = readonly [label: string, fact: string | false | undefined];

function factsOf(database: Database): Observation["facts"] {
  const { masterInstanceName: master, scheduledMaintenance, settings } = database;
  const starts = dateOf(scheduledMaintenance?.startTime);
  return told([
    [FACT.stopped, isStopped(settings) && "by whoever declares it"],
    [FACT.replica, master],
    [FACT.elsewhere, isKeptElsewhere(database) && "Google's Backup and DR Service"],
    ...(hasBackups(database) ? factsOfBackups(database) : []),
    [FACT.restarted, restartOf(database)],
    [FACT.unseen, database.restarts === null && `not seen without ${RESTARTS_RIGHT}`],
    [FACT.maintenance, starts !== null && `planned for ${minuteOf(starts)}`],
    [FACT.machine, machineOf(settings)],
    [FACT.storage, storageOf(settings)],
  ]);
}

function factsOfBackups(database: Database): Fact[] {
  const { backupConfiguration: backup } = database.settings;
  const good = lastGoodOf(database);
  const [newest] = database.runs;
  return [
    [FACT.schedule, scheduleOf(backup)],
    [FACT.lastGood, good === undefined ? !(UNSEEN in database.unseen) && "none" : minuteOf(takenAt(good))],
    [FACT.takes, tookOf(database.runs)],
    [FACT.attempt, newest !== undefined && newest !== good && attemptOf(newest)],
    [FACT.location, backup.location],
    [FACT.recovery, recoveryOf(backup)],
  ];
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

function machineOf({ tier, availabilityType }: Database["settings"]): string {
  return availabilityType === "REGIONAL" ? `${tier}, with a standby in another zone` : tier;
}

const DISKS: ReadonlyMap<string, string> = new Map([
  ["PD_SSD", "SSD"],
  ["PD_HDD", "HDD"],
]);

function storageOf({ dataDiskSizeGb: size, dataDiskType: type = "", storageAutoResize }: Database["settings"]): string {
  if (size === undefined) return "";
  return `${size} GB ${DISKS.get(type) ?? type}${storageAutoResize === true ? ", grows by itself" : ""}`;
}

/** "12 minutes", as the last good one took. */
function tookOf(runs: readonly Run[]): string {
  const { startTime = "", endTime = "" } = runs.find(({ status }) => status === "SUCCESSFUL") ?? {};
  const took = Date.parse(endTime) - Date.parse(startTime);
  return took > 0 ? formatDuration(took) : "";
}

function attemptOf(run: Run): string {
  const why = run.error?.message ?? run.error?.code;
  return `${run.status.toLowerCase()} ${minuteOf(takenAt(run))}${why === undefined ? "" : `: ${shortened(why)}`}`;
}

/** The last one that is remembered; nothing while it is under way. */
function restartOf({ restarts }: Database): string | false {
  const [last] = restarts ?? [];
  if (last === undefined || last.status !== "DONE") return false;
  return `${minuteOf(dateOf(last.endTime))}${errorOf(last) === null ? "" : ", and that failed"}`;
}

/** "2026-11-28 03:12 UTC" */
export function minuteOf(moment: Date | null): string {
  return moment === null ? "at a time that is not known" : minuteText(moment);
}
