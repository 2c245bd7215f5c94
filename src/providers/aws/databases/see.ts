import { createHash } from "node:crypto";
import { z } from "zod";
import { canonical } from "../../../domain/canonical.ts";
import { Invalid } from "../../../errors.ts";
import { listAll, look, type DatabasePlace } from "../api.ts";
import { databases } from "../client.ts";
import { openSight, type Unseen } from "../../sight.ts";

/** What there is of an instance of RDS, of its snapshots, and of what RDS has to do to it. */

const instance = z.object({
  DBInstanceIdentifier: z.string(),
  DBInstanceArn: z.string(),
  DBInstanceClass: z.string().default(""),
  DBInstanceStatus: z.string(),
  Engine: z.string(),
  EngineVersion: z.string().default(""),
  AllocatedStorage: z.int(), // GiB
  /** Up to how much RDS grows it by itself; absent where it does not. */
  MaxAllocatedStorage: z.int().optional(),
  StorageType: z.string().default(""),
  MultiAZ: z.boolean().default(false),
  /** Of a member of a cluster, whose storage and snapshots are the cluster's. */
  DBClusterIdentifier: z.string().optional(),
  BackupRetentionPeriod: z.int().default(0), // days; none are made by themselves where it is 0
  PreferredBackupWindow: z.string().optional(),
  LatestRestorableTime: z.date().optional(),
  /** What was asked for and waits for the maintenance window; secrets come masked. */
  PendingModifiedValues: z.record(z.string(), z.unknown()).default({}),
});

const snapshot = z.object({
  DBSnapshotIdentifier: z.string(),
  /** creating, available or failed. */
  Status: z.string(),
  /** manual or automated. */
  SnapshotType: z.string().default(""),
  /** Of a copy, when it was copied. */
  SnapshotCreateTime: z.date().optional(),
  /** Of a copy too, when the first of them was taken. */
  OriginalSnapshotCreateTime: z.date().optional(),
  /** Of the last that was written into it: a replica is late. */
  SnapshotDatabaseTime: z.date().optional(),
  PercentProgress: z.int().default(0),
});
export type Snapshot = z.infer<typeof snapshot>;

const maintenance = z.object({
  /** "system-update" */
  Action: z.string(),
  Description: z.string().default(""),
  /** When RDS does it by itself. */
  CurrentApplyDate: z.date().optional(),
  /** What somebody asked for: next-maintenance or immediate. */
  OptInStatus: z.string().optional(),
});
/** Whether it is of the whole cluster that the instance is a member of. */
export type Maintenance = z.infer<typeof maintenance> & { readonly isOfCluster: boolean };

/** Snapshots from the newest data on; one that is being made comes first. */
export type Database = z.infer<typeof instance> & {
  readonly snapshots: readonly Snapshot[];
  readonly maintenance: readonly Maintenance[];
  readonly unseen: Unseen;
};

/** What may be out of sight, under these names; plans go by them. */
export const UNSEEN = { snapshots: "Snapshots not seen", maintenance: "Pending maintenance not seen" } as const;

/** @throws Unavailable | Invalid */
export async function databaseOf(where: DatabasePlace, signal: AbortSignal): Promise<Database> {
  const sees = openSight();
  const { database: DBInstanceIdentifier } = where;
  const found = await look(
    where,
    databases((api) => api.describeDBInstances({ DBInstanceIdentifier })),
    z.object({ DBInstances: z.array(instance).default([]) }),
    signal,
  );
  const [own] = found.DBInstances;
  if (own === undefined)
    throw new Invalid(`There is no database ${DBInstanceIdentifier} in ${where.region}.`, {
      hint: `\`aws rds describe-db-instances --region ${where.region}\` shows what there is.`,
    });
  const { DBInstanceArn: arn, DBClusterIdentifier: cluster } = own;
  const [snapshots, pending, ofCluster] = await Promise.all([
    sees.of(UNSEEN.snapshots, snapshotsOf(where, signal), []),
    sees.of(UNSEEN.maintenance, pendingOf(where, arn, signal), []),
    cluster === undefined
      ? []
      : sees.of(UNSEEN.maintenance, pendingOf(where, arn.replace(/:db:.*$/, `:cluster:${cluster}`), signal), []),
  ]);
  return {
    ...own,
    unseen: sees.unseen,
    snapshots: snapshots.toSorted((a, b) => orderOf(b) - orderOf(a)),
    maintenance: [
      ...pending.map((each) => ({ ...each, isOfCluster: false })),
      ...ofCluster.map((each) => ({ ...each, isOfCluster: true })),
    ],
  };
}

/** What RDS has to do to an instance or a cluster, by its ARN. */
async function pendingOf(where: DatabasePlace, ResourceIdentifier: string, signal: AbortSignal) {
  const { PendingMaintenanceActions: found } = await look(
    where,
    databases((api) => api.describePendingMaintenanceActions({ ResourceIdentifier })),
    z.object({
      PendingMaintenanceActions: z
        .array(z.object({ PendingMaintenanceActionDetails: z.array(maintenance).default([]) }))
        .default([]),
    }),
    signal,
  );
  return found.flatMap((each) => each.PendingMaintenanceActionDetails);
}

/** Both those that are made daily and those that somebody asked for. */
function snapshotsOf({ database: DBInstanceIdentifier, ...where }: DatabasePlace, signal: AbortSignal) {
  return listAll(
    where,
    ({ maxResults: MaxRecords, nextToken: Marker }) =>
      databases(async (api) => {
        const page = await api.describeDBSnapshots({ DBInstanceIdentifier, MaxRecords, Marker });
        return { items: page.DBSnapshots, nextToken: page.Marker };
      }),
    snapshot,
    signal,
  );
}

/** As of when its data is; a snapshot that is being made has no time yet. */
export function asOf(snapshot: Snapshot): Date | undefined {
  return snapshot.SnapshotDatabaseTime ?? snapshot.OriginalSnapshotCreateTime ?? snapshot.SnapshotCreateTime;
}

function orderOf(snapshot: Snapshot): number {
  return asOf(snapshot)?.getTime() ?? Infinity;
}

export function lastGoodOf({ snapshots }: Database): Snapshot | undefined {
  return snapshots.find(({ Status }) => Status === "available");
}

/** The names of what was asked for and waits, but for storage while RDS is adding it. */
export function waitingIn({ PendingModifiedValues, DBInstanceStatus }: Database): string[] {
  const isAdding = DBInstanceStatus === "modifying";
  return Object.keys(PendingModifiedValues).filter((name) => name !== "AllocatedStorage" || !isAdding);
}

/** Each step has a snapshot of its own name, which RDS takes once. */
export function snapshotFor(token: string): string {
  return `daytwo-${createHash("sha256").update(token).digest("hex").slice(0, 20)}`;
}

/** The states in which a database that was changed can be used again, whatever RDS does behind it. */
export const USABLE = new Set(["available", "storage-optimization", "storage-initialization", "backing-up"]);

/** "db-upgrade", or of its cluster "db-upgrade (cluster)": both may wait. */
export function nameOf({ Action, isOfCluster }: Maintenance): string {
  return isOfCluster ? `${Action} (cluster)` : Action;
}

/** Whether it was begun, or is about to be: that cannot be undone. */
export function isBegun({ OptInStatus }: Maintenance): boolean {
  return OptInStatus === "immediate";
}

/** What somebody wants of it, and what RDS has to do to it. Snapshots are no part of it: they change nothing that a plan rests on. */
export function versionOf(database: Database): string {
  const { AllocatedStorage, DBInstanceClass, EngineVersion, PendingModifiedValues } = database;
  const pending = database.maintenance.map((each) => [nameOf(each), each.Description, each.OptInStatus ?? null]);
  const text = canonical({
    storage: AllocatedStorage,
    instance: DBInstanceClass,
    version: EngineVersion,
    waiting: Object.keys(PendingModifiedValues).toSorted(),
    pending: pending.map((each) => canonical(each)).toSorted(),
    ...(UNSEEN.maintenance in database.unseen ? { isUnseen: true } : {}),
  });
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
