import { Refusal } from "./refusal.ts";
import { taken, type Input, type QueryApi } from "./query.ts";
import { ACCOUNT, REGION } from "./service.ts";

/** Amazon RDS as its API reference has it: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/ */

export type Rds = {
  readonly databases: Map<string, Database>;
  /** How many of a list come at most, whatever was asked for. */
  page: number;
  /** Something was changed by a request. */
  effect(action: string): void;
};

export type Snapshot = {
  readonly name: string;
  readonly type: string;
  readonly at: Date;
  /** Of a copy, when the first of them was taken. */
  readonly firstAt?: Date;
  /** As of when its data is; where a replica was late. */
  readonly dataAt?: Date;
  status: string;
  percent: number;
};

/** What RDS has to do to one. */
export type Pending = {
  readonly action: string;
  readonly description?: string;
  readonly at?: Date;
  /** What was asked for: next-maintenance or immediate. */
  optIn?: string;
};

export type Database = {
  readonly name: string;
  readonly engine: string;
  readonly tags: Readonly<Record<string, string>>;
  /** GiB */
  storage: number;
  grows: number | null;
  status: string;
  /** What was asked for and waits for the maintenance window. */
  waiting: Readonly<Record<string, string>>;
  /** The storage that is being made, in GiB. */
  making: number | null;
  cluster: string | null;
  hasStandby: boolean;
  retention: number;
  restorable: Date | null;
  snapshots: Snapshot[];
  maintenance: Pending[];
  /** The same of its cluster. */
  ofCluster: Pending[];
  /** Whether snapshots come to nothing, and maintenance leaves what cannot be used. */
  isBroken: boolean;
};

export const RDS: QueryApi<Rds> = {
  service: "rds",
  version: "2014-10-31",
  namespace: "http://rds.amazonaws.com/doc/2014-10-31/",
  operations: {
    DescribeDBInstances(state, given) {
      const input = taken(given, { DBInstanceIdentifier: "string", MaxRecords: "number", Marker: "string" });
      const name = input["DBInstanceIdentifier"];
      const all = name === undefined ? [...state.databases.values()] : [databaseIn(state, input)];
      return paged(state, input, { all, list: "DBInstances", item: "DBInstance", show: shown });
    },

    DescribeDBSnapshots(state, given) {
      const input = taken(given, { DBInstanceIdentifier: "string", MaxRecords: "number", Marker: "string" });
      const { snapshots, name } = databaseIn(state, input);
      return paged(state, input, {
        all: snapshots,
        list: "DBSnapshots",
        item: "DBSnapshot",
        show: (each) => ({
          DBSnapshotIdentifier: each.name,
          DBInstanceIdentifier: name,
          // While one is made, nobody says when it was.
          ...(each.status === "creating" ? {} : timesOf(each)),
          SnapshotType: each.type,
          Status: each.status,
          PercentProgress: each.percent,
        }),
      });
    },

    DescribePendingMaintenanceActions({ databases }, given) {
      const input = taken(given, { ResourceIdentifier: "string" });
      const arn = String(input["ResourceIdentifier"]);
      const found = [...databases.values()].find((each) => [arnOf(each), clusterArnOf(each)].includes(arn));
      if (found === undefined) throw new Refusal(404, "ResourceNotFoundFault", `Resource ${arn} not found.`);
      const pending = arn === arnOf(found) ? found.maintenance : found.ofCluster;
      return {
        PendingMaintenanceActions: {
          ResourcePendingMaintenanceActions: pending.length === 0 ? [] : [pendingOf(arn, pending)],
        },
      };
    },

    ApplyPendingMaintenanceAction({ databases, effect }, given) {
      const input = taken(given, { ResourceIdentifier: "string", ApplyAction: "string", OptInType: "string" });
      const found = [...databases.values()].find((each) => arnOf(each) === input["ResourceIdentifier"]);
      const pending = found?.maintenance.find(({ action }) => action === input["ApplyAction"]);
      if (found === undefined || pending === undefined)
        throw new Refusal(404, "ResourceNotFoundFault", "The specified resource or pending action was not found.");
      if (found.status !== "available")
        throw new Refusal(400, "InvalidDBInstanceState", `Database instance is not in available state.`);
      if (input["OptInType"] !== "immediate") throw new Error("this double knows no windows");
      pending.optIn = "immediate";
      effect("ApplyPendingMaintenanceAction");
      return { ResourcePendingMaintenanceActions: pendingOf(arnOf(found), found.maintenance) };
    },

    CreateDBSnapshot(state, given) {
      const input = taken(given, { DBInstanceIdentifier: "string", DBSnapshotIdentifier: "string" });
      const database = databaseIn(state, input);
      const name = String(input["DBSnapshotIdentifier"]);
      if (!/^[a-zA-Z](-?[a-zA-Z0-9])*$/.test(name))
        throw new Refusal(
          400,
          "InvalidParameterValue",
          "The parameter DBSnapshotIdentifier is not a valid identifier.",
        );
      if (database.cluster !== null)
        throw new Refusal(400, "InvalidParameterValue", "The specified instance is a member of a cluster.");
      if ([...state.databases.values()].some(({ snapshots }) => snapshots.some((each) => each.name === name)))
        throw new Refusal(
          400,
          "DBSnapshotAlreadyExists",
          `Cannot create the snapshot because a snapshot with the identifier ${name} already exists.`,
        );
      if (database.status !== "available" && database.status !== "storage-optimization")
        throw new Refusal(400, "InvalidDBInstanceState", `Database instance is not in available state.`);
      database.snapshots.push({ name, type: "manual", at: new Date(), status: "creating", percent: 0 });
      state.effect("CreateDBSnapshot");
      return { DBSnapshot: { DBSnapshotIdentifier: name, Status: "creating" } };
    },

    ModifyDBInstance(state, given) {
      const input = taken(given, {
        DBInstanceIdentifier: "string",
        AllocatedStorage: "number",
        ApplyImmediately: "boolean",
      });
      const database = databaseIn(state, input);
      const asked = input["AllocatedStorage"] as number;
      if (database.status !== "available" && database.status !== "storage-full")
        throw new Refusal(
          400,
          "InvalidParameterCombination",
          "You can't currently modify the storage of this DB instance because the previous storage change is being optimized.",
        );
      if (asked < database.storage)
        throw new Refusal(400, "InvalidParameterCombination", "Requested storage is smaller than what is allocated.");
      if (input["ApplyImmediately"] !== true) throw new Error("this double knows no windows");
      // Whatever waits comes along.
      database.waiting = {};
      database.making = Math.max(asked, Math.ceil(database.storage * 1.1));
      database.status = "modifying";
      state.effect("ModifyDBInstance");
      return { DBInstance: shown(database) };
    },
  },
};

/** What RDS does with it by itself, one step at a time. */
export function stepDatabase(database: Database): void {
  for (const each of database.snapshots) {
    if (each.status !== "creating") continue;
    each.percent += 50;
    if (each.percent > 100) Object.assign(each, { status: database.isBroken ? "failed" : "available", percent: 100 });
  }
  if (database.making !== null) {
    Object.assign(database, { storage: database.making, making: null, status: "storage-optimization" });
    return;
  }
  if (database.status === "storage-optimization") database.status = "available";
  const pending = database.maintenance.find(({ optIn }) => optIn === "immediate");
  if (pending === undefined) return;
  if (database.status === "available") database.status = "upgrading";
  else if (database.status === "upgrading") {
    database.maintenance.splice(database.maintenance.indexOf(pending), 1);
    database.status = database.isBroken ? "incompatible-parameters" : "available";
  }
}

function pendingOf(arn: string, pending: readonly Pending[]): object {
  const PendingMaintenanceAction = pending.map(({ action, description, at, optIn }) => ({
    Action: action,
    Description: description ?? "New Operating System update is available",
    AutoAppliedAfterDate: at,
    CurrentApplyDate: at,
    OptInStatus: optIn,
  }));
  return { ResourceIdentifier: arn, PendingMaintenanceActionDetails: { PendingMaintenanceAction } };
}

function timesOf({ at, firstAt = at, dataAt = firstAt }: Snapshot): object {
  return { SnapshotCreateTime: at, OriginalSnapshotCreateTime: firstAt, SnapshotDatabaseTime: dataAt };
}

function arnOf({ name }: Database): string {
  return `arn:aws:rds:${REGION}:${ACCOUNT}:db:${name}`;
}

function clusterArnOf({ cluster }: Database): string | null {
  return cluster === null ? null : `arn:aws:rds:${REGION}:${ACCOUNT}:cluster:${cluster}`;
}

function databaseIn({ databases }: Rds, { DBInstanceIdentifier: name }: Input): Database {
  const found = databases.get(String(name));
  if (found === undefined) throw new Refusal(404, "DBInstanceNotFound", `DBInstance ${String(name)} not found.`);
  return found;
}

type List<Item> = {
  readonly all: readonly Item[];
  readonly list: string;
  readonly item: string;
  show(item: Item): object;
};

function paged<Item>({ page }: Rds, input: Input, { all, list, item, show }: List<Item>): object {
  const from = Number(input["Marker"] ?? 0);
  const most = (input["MaxRecords"] as number | undefined) ?? 100;
  if (most < 20 || most > 100) throw new Refusal(400, "InvalidParameterValue", "MaxRecords must be from 20 to 100.");
  const next = from + Math.min(page, most);
  return { [list]: { [item]: all.slice(from, next).map(show) }, Marker: next < all.length ? next : undefined };
}

function shown(database: Database): object {
  const { name, engine, storage, grows, status, waiting, making, cluster, hasStandby, retention, restorable } =
    database;
  return {
    DBInstanceIdentifier: name,
    DBInstanceArn: arnOf(database),
    DBInstanceClass: "db.m7g.large",
    Engine: engine,
    EngineVersion: "17.6",
    DBInstanceStatus: status,
    AllocatedStorage: storage,
    MaxAllocatedStorage: grows,
    StorageType: "gp3",
    MultiAZ: hasStandby,
    DBClusterIdentifier: cluster,
    BackupRetentionPeriod: retention,
    PreferredBackupWindow: "03:00-03:30",
    LatestRestorableTime: restorable,
    PendingModifiedValues: { ...waiting, AllocatedStorage: making ?? waiting["AllocatedStorage"] },
    TagList: { Tag: Object.entries(database.tags).map(([Key, Value]) => ({ Key, Value })) },
    MasterUsername: "postgres",
    DeletionProtection: true,
  };
}
