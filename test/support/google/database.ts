/** An instance of Cloud SQL as Google runs it: one thing is done to it at a time, and takes a while. */

export type Run = {
  readonly id: string;
  readonly type: "ON_DEMAND" | "AUTOMATED";
  readonly description: string;
  readonly location: string;
  status: string;
  readonly enqueuedTime: string;
  startTime?: string;
  endTime?: string;
  error?: { kind: "sql#operationError"; code: string; message: string };
};
export type Operation = {
  readonly name: string;
  readonly user: string;
  readonly insertTime: string;
  endTime?: string;
  status: "PENDING" | "RUNNING" | "DONE";
  /** The backup that it takes; null of a restart. */
  readonly run: Run | null;
  error?: { code: string; message: string };
};

export type Database = {
  readonly path: string;
  readonly labels: Record<string, string>;
  /** Every change of what is declared makes another. */
  settingsVersion: number;
  /** What is declared and shown beyond what is so by itself. */
  declared: { state?: string; settings?: object; backupConfiguration?: object; [more: string]: unknown };
  /** The newest first. */
  runs: Run[];
  operations: Operation[];
  /** What goes wrong with each backup and restart from now on: as it is done, or before there is a backup at all. */
  trouble: "taken" | "begun" | null;
};

let number = 0;

export function newDatabase(path: string): Database {
  return {
    path,
    labels: {},
    settingsVersion: 17,
    declared: {},
    runs: [],
    operations: [],
    trouble: null,
  };
}

export function declare(database: Database, declared: Database["declared"]): void {
  Object.assign(database, { declared, settingsVersion: database.settingsVersion + 1 });
}

function newRun(of: Pick<Run, "type" | "description" | "location">, status: string, moment: string): Run {
  number += 1;
  return { id: String(1_764_500_000_000 + number), ...of, status, enqueuedTime: moment };
}

/** One that was made by itself, so many ms ago. */
export function madeDaily(database: Database, ago: number, status: string, why?: string): void {
  const moment = new Date(Date.now() - ago).toISOString();
  database.runs.unshift({
    ...newRun({ type: "AUTOMATED", description: "", location: "eu" }, status, moment),
    startTime: moment,
    ...(why === undefined ? {} : { error: { kind: "sql#operationError", code: "INTERNAL_ERROR", message: why } }),
  });
}

/** Null where something else is being done to it. */
export function restart(database: Database, user: string): Operation | null {
  return beginOf(database, user, null);
}

/** The same. */
export function begin(
  database: Database,
  user: string,
  asked: Pick<Run, "description" | "location">,
): Operation | null {
  const run = newRun({ type: "ON_DEMAND", ...asked }, "ENQUEUED", new Date().toISOString());
  const operation = beginOf(database, user, run);
  if (operation !== null && database.trouble !== "begun") database.runs.unshift(run);
  return operation;
}

function beginOf(database: Database, user: string, run: Run | null): Operation | null {
  if (database.operations.some(({ status }) => status !== "DONE")) return null;
  number += 1;
  const insertTime = new Date().toISOString();
  const operation: Operation = { name: `3f9c-${number}`, user, insertTime, status: "PENDING", run };
  database.operations.push(operation);
  return operation;
}

/** One moment of what is under way. */
export function step(database: Database): void {
  const operation = database.operations.find(({ status }) => status !== "DONE");
  if (operation === undefined) return;
  const { run } = operation;
  const now = new Date().toISOString();
  if (operation.status === "PENDING") {
    operation.status = "RUNNING";
    if (run !== null) Object.assign(run, { status: "RUNNING", startTime: now });
    return;
  }
  Object.assign(operation, { status: "DONE", endTime: now });
  const message = "The disk could not be read in time.";
  if (database.trouble !== null) operation.error = { code: "INTERNAL_ERROR", message };
  if (run === null) return;
  const error = { kind: "sql#operationError", code: "INTERNAL_ERROR", message };
  Object.assign(run, {
    endTime: now,
    ...(database.trouble === null ? { status: "SUCCESSFUL" } : { status: "FAILED", error }),
  });
}

export function isAtRest({ operations }: Database): boolean {
  return operations.every(({ status }) => status === "DONE");
}

/** Numbers of 64 bits go as text. */
export function shown(database: Database): object {
  const { path, labels, settingsVersion, declared } = database;
  const { state = "RUNNABLE", settings, backupConfiguration, ...more } = declared;
  const [, project, , name] = path.split("/");
  return {
    kind: "sql#instance",
    name,
    project,
    state,
    databaseVersion: "POSTGRES_16",
    databaseInstalledVersion: "POSTGRES_16_9",
    instanceType: "CLOUD_SQL_INSTANCE",
    region: "europe-west1",
    maintenanceVersion: "POSTGRES_16_9.R20261001.00_10",
    ...more,
    settings: {
      kind: "sql#settings",
      settingsVersion: String(settingsVersion),
      tier: "db-custom-2-7680",
      availabilityType: "REGIONAL",
      activationPolicy: "ALWAYS",
      dataDiskSizeGb: "100",
      dataDiskType: "PD_SSD",
      storageAutoResize: true,
      userLabels: labels,
      ...settings,
      backupConfiguration: {
        kind: "sql#backupConfiguration",
        enabled: true,
        startTime: "03:00",
        backupRetentionSettings: { retentionUnit: "COUNT", retainedBackups: 7 },
        pointInTimeRecoveryEnabled: true,
        transactionLogRetentionDays: 7,
        ...backupConfiguration,
      },
    },
  };
}

export function shownRun({ description, ...run }: Run): object {
  return {
    kind: "sql#backupRun",
    ...run,
    ...(description === "" ? {} : { description }),
    backupKind: "SNAPSHOT",
    ...(run.status === "SUCCESSFUL" ? { maxChargeableBytes: "5368709120" } : {}),
  };
}

export function shownOperation({ name, user, insertTime, endTime, status, run, error }: Operation): object {
  return {
    kind: "sql#operation",
    name,
    user,
    status,
    operationType: run === null ? "RESTART" : "BACKUP_VOLUME",
    insertTime,
    ...(endTime === undefined ? {} : { endTime }),
    ...(run === null ? {} : { backupContext: { kind: "sql#backupContext", backupId: run.id } }),
    ...(error === undefined
      ? {}
      : { error: { kind: "sql#operationErrors", errors: [{ kind: "sql#operationError", ...error }] } }),
  };
}
