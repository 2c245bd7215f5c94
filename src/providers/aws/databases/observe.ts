import type { Target } from "../../../domain/catalog.ts";
import type { Observation } from "../../../domain/observation.ts";
import {
  asOf,
  isBegun,
  lastGoodOf,
  nameOf,
  UNSEEN,
  versionOf,
  waitingIn,
  type Database,
  type Maintenance,
} from "./see.ts";
import { short } from "../words.ts";
import { told } from "../../facts.ts";
import { minuteText } from "../../../domain/measures.ts";
import { some } from "../../../domain/some.ts";

/** A look at an instance of RDS, as every provider tells of one. */

/** What there is so much of, in GiB. */
export const STORAGE = "storage";

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  status: "Status",
  cluster: "Member of",
  waiting: "Waits for its window",
  maintenance: "Pending maintenance",
  lastGood: "Last snapshot",
  restorable: "Restorable as of",
  schedule: "Backups",
  grows: "Grows by itself",
  disk: "Disk",
  machine: "Machine",
} as const;

const STANDBY = ", with a standby in another zone";

export function hasStandby({ facts }: Observation): boolean {
  return facts[FACT.machine]?.includes(STANDBY) === true;
}

export function observation(target: Target, database: Database): Observation {
  const { AllocatedStorage: size, DBClusterIdentifier: cluster, Engine, EngineVersion, unseen } = database;
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(database),
    ...healthOf(database),
    release: `${Engine} ${EngineVersion}`,
    releases: [],
    sizes: cluster === undefined ? [{ process: STORAGE, wanted: size, running: size, healthy: size }] : [],
    certificates: [],
    ...(cluster === undefined && !(UNSEEN.snapshots in unseen) ? { backups: backupsOf(database) } : {}),
    ...(UNSEEN.maintenance in unseen
      ? { updatesUnseen: unseen[UNSEEN.maintenance] }
      : { updates: updatesOf(database) }),
    facts: { ...factsOf(database), ...unseen },
  };
}

type Health = Pick<Observation, "health" | "problem">;

/** By the first of these that says it; while RDS works on what can be used, it is well. */
const STATES: readonly (readonly [status: RegExp, health: Health])[] = [
  [
    /^(available|backing-up|storage-optimization|storage-config-upgrade|storage-initialization|configuring-)/,
    { health: "ok" },
  ],
  [/^storage-full$/, { health: "down", problem: "its storage is full" }],
  [/^(stopped|stopping)$/, { health: "down", problem: "it is stopped" }],
  [/^(failed|restore-error)$/, { health: "down", problem: "it has failed" }],
  [/^insufficient-capacity$/, { health: "down", problem: "AWS has no machine for it" }],
  [/^inaccessible-encryption-credentials/, { health: "down", problem: "its key cannot be used" }],
  [/^incompatible-/, { health: "down", problem: "its settings do not go together" }],
  [/^(rebooting|starting)$/, { health: "degraded", problem: "it is being started" }],
  [/^(upgrading|maintenance)$/, { health: "degraded", problem: "RDS maintains it" }],
  [/^(creating|modifying|renaming|resetting-master-credentials)$/, { health: "ok" }],
  [/^(deleting|delete-precheck)$/, { health: "down", problem: "it is being deleted" }],
];

function healthOf({ DBInstanceStatus: status }: Database): Health {
  return (
    STATES.find(([said]) => said.test(status))?.[1] ?? { health: "unknown", problem: `AWS calls it ${short(status)}` }
  );
}

function backupsOf(database: Database): NonNullable<Observation["backups"]> {
  const good = lastGoodOf(database);
  const times = [database.LatestRestorableTime, good === undefined ? undefined : asOf(good)];
  const newest = Math.max(...times.map((each) => each?.getTime() ?? 0));
  return {
    isScheduled: database.BackupRetentionPeriod > 0,
    lastGood: newest === 0 ? null : new Date(newest).toISOString(),
  };
}

/** Those of members of a cluster are applied at AWS. */
function updatesOf({ maintenance, DBClusterIdentifier: cluster }: Database): NonNullable<Observation["updates"]> {
  const open = maintenance.filter((each) => !isBegun(each));
  return open.map((each) => ({
    name: nameOf(each),
    summary: each.Description,
    due: each.CurrentApplyDate?.toISOString() ?? null,
    ...(cluster === undefined ? {} : { isElsewhere: true }),
  }));
}

function factsOf(database: Database): Observation["facts"] {
  const { DBInstanceStatus, DBInstanceClass, MultiAZ, StorageType, MaxAllocatedStorage, DBClusterIdentifier } =
    database;
  return told([
    [FACT.status, DBInstanceStatus],
    [FACT.cluster, DBClusterIdentifier],
    [FACT.waiting, waitingIn(database).join(", ")],
    [FACT.maintenance, some(database.maintenance.map(maintenanceWords))],
    [FACT.lastGood, lastGoodIn(database)],
    [FACT.restorable, minuteOf(database.LatestRestorableTime)],
    [FACT.schedule, scheduleOf(database)],
    [FACT.grows, (MaxAllocatedStorage ?? 0) > 0 && `up to ${MaxAllocatedStorage} GiB`],
    [FACT.disk, StorageType],
    [FACT.machine, `${DBInstanceClass}${MultiAZ ? STANDBY : ""}`],
  ]);
}

function lastGoodIn(database: Database): string | undefined {
  const good = lastGoodOf(database);
  if (good === undefined) return UNSEEN.snapshots in database.unseen ? undefined : "none";
  return `${good.DBSnapshotIdentifier}, ${minuteOf(asOf(good))}`;
}

/** "system-update, by itself on 2026-12-05" */
function maintenanceWords(pending: Maintenance): string {
  const [name, at] = [nameOf(pending), pending.CurrentApplyDate];
  if (isBegun(pending)) return `${name}, being applied`;
  return at === undefined ? name : `${name}, by itself on ${at.toISOString().slice(0, 10)}`;
}

function scheduleOf({ BackupRetentionPeriod: days, PreferredBackupWindow: window }: Database): string {
  if (days === 0) return "none are made by themselves";
  return `daily${window === undefined ? "" : ` in ${window} UTC`}, ${days} ${days === 1 ? "day" : "days"} are kept`;
}

function minuteOf(moment: Date | undefined): string | undefined {
  return moment === undefined ? undefined : minuteText(moment);
}
