import { randomUUID } from "node:crypto";

/** Heroku Postgres of one app: its databases as add-ons, and what is transferred from and to them, which takes a moment and can fail. */

export type Addon = {
  readonly id: string;
  readonly name: string;
  readonly app: { readonly id: string; readonly name: string };
  readonly addon_service: { readonly id: string; readonly name: string };
  readonly plan: { readonly id: string; readonly name: string };
  readonly state: string;
  config_vars: readonly string[];
};
export type Transfer = {
  readonly uuid: string;
  readonly num: number;
  readonly from_name: string;
  readonly from_type: string;
  readonly from_url: string;
  readonly to_name: string;
  readonly to_type: string;
  readonly to_url: string;
  readonly options: object;
  readonly created_at: string;
  readonly num_keep: number;
  readonly schedule?: { readonly uuid: string };
  source_bytes: number | null;
  processed_bytes: number;
  succeeded: boolean | null;
  warnings: number;
  started_at: string | null;
  canceled_at: string | null;
  updated_at: string | null;
  finished_at: string | null;
  readonly deleted_at: null;
  readonly purged_at: null;
};
export type Schedule = {
  readonly uuid: string;
  readonly name: string;
  readonly hour: number;
  readonly days: readonly string[];
  readonly timezone: string;
  readonly retain_weeks: number;
  readonly retain_months: number;
};

export type Postgres = {
  transfers: Transfer[];
  readonly schedules: Schedule[];
  /** Whether what is begun ends without success. */
  isFull: boolean;
};

/** In every answer about a transfer; nobody may say it. */
export const PASSWORD = "p09ee5a1175775473";
const KEEP = 5; // of those that somebody asked for
const BYTES = 2_169_504;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

export function newPostgres(): Postgres {
  return { transfers: [], schedules: [], isFull: false };
}

export function addon(app: string, plan: string, names: readonly string[]): Addon {
  return {
    id: randomUUID(),
    name: `postgresql-${names[0]?.toLowerCase().replaceAll("_", "-") ?? "none"}`,
    app: { id: app, name: app },
    addon_service: { id: "6c67493d", name: "heroku-postgresql" },
    plan: { id: plan, name: `heroku-postgresql:${plan}` },
    state: "provisioned",
    config_vars: names,
  };
}

type Sort = Pick<Transfer, "from_type" | "to_type" | "to_name"> & Partial<Pick<Transfer, "schedule">>;
export const BY_HAND: Sort = { from_type: "pg_dump", to_type: "gof3r", to_name: "BACKUP" };
export const BY_ITSELF: Sort = { ...BY_HAND, to_name: "SCHEDULED BACKUP", schedule: { uuid: "30167816" } };
export const COPY: Sort = { from_type: "pg_dump", to_type: "pg_restore", to_name: "WHITE" };
export const RESTORE: Sort = { from_type: "htcat", to_type: "pg_restore", to_name: "DATABASE" };

/** As the data API writes it. */
function written(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace("T", " ")} +0000`;
}

export function begin(postgres: Postgres, sort: Sort, of: string, at = new Date()): Transfer {
  const made: Transfer = {
    uuid: randomUUID(),
    num: Math.max(0, ...postgres.transfers.map(({ num }) => num)) + 1,
    from_name: of,
    ...sort,
    from_url: `postgres://u1:${PASSWORD}@ec2-1.compute-1.amazonaws.com:5432/d1`,
    to_url: `https://s3.amazonaws.com/xfers/1?X-Amz-Signature=${PASSWORD}`,
    options: {},
    created_at: written(at),
    num_keep: KEEP,
    source_bytes: null,
    processed_bytes: 0,
    succeeded: null,
    warnings: 0,
    started_at: null,
    canceled_at: null,
    updated_at: null,
    finished_at: null,
    deleted_at: null,
    purged_at: null,
  };
  postgres.transfers.unshift(made);
  const old = postgres.transfers.filter(isByHand).slice(KEEP);
  postgres.transfers = postgres.transfers.filter((each) => !old.includes(each));
  return made;
}

function isByHand({ to_type: to, schedule }: Transfer): boolean {
  return to === "gof3r" && schedule === undefined;
}

/** What was begun ends. */
export function end(of: Transfer, isGood: boolean, at = new Date()): void {
  of.started_at ??= written(at);
  Object.assign(of, {
    finished_at: written(at),
    updated_at: written(at),
    succeeded: isGood,
    source_bytes: 10 * BYTES,
    processed_bytes: isGood ? BYTES : 0,
  });
}

export function daily(name: string, hour: number): Schedule {
  return { uuid: randomUUID(), name, hour, days: DAYS, timezone: "UTC", retain_weeks: 1, retain_months: 0 };
}

/** One moment: what waits is begun, and what was begun ends. */
export function stepTransfers(postgres: Postgres): void {
  for (const each of postgres.transfers.filter((of) => of.finished_at === null && of.canceled_at === null)) {
    if (each.started_at === null) each.started_at = written(new Date());
    else end(each, !postgres.isFull);
  }
}

export function isTransferring({ transfers }: Postgres): boolean {
  return transfers.some((of) => of.finished_at === null && of.canceled_at === null);
}
