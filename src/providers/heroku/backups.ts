import { z } from "zod";
import { Expected } from "../../errors.ts";
import { DATA, list, pathOf, type Settings } from "./api.ts";

/**
 * Backups of an app's database, as `heroku pg:backups` has them. Heroku's answers have passwords and signed addresses too: what
 * is not named here is not kept of them.
 */

const SERVICE = "heroku-postgresql";

const addon = z.object({
  id: z.string(),
  name: z.string(),
  addon_service: z.object({ name: z.string() }),
  plan: z.object({ name: z.string() }),
  state: z.string(),
  /** Whose it is: of one that is only attached here, another app. */
  app: z.object({ name: z.string() }).nullish(),
  /** The names of those that it sets in its own app. */
  config_vars: z.array(z.string()).default([]),
});
export type Database = z.infer<typeof addon>;

/** "2026-11-30 02:00:41 +0000" */
const instant = z
  .string()
  .transform((text) => new Date(text.replace(/^(\S+) (\S+) \+0000$/, "$1T$2Z")))
  .refine((date) => !Number.isNaN(date.getTime()));

/** What is only told of a backup: one whose answer has it in another shape is seen all the same. */
const figure = z.coerce.number().nullish().catch(null);

/** A backup, a copy of one database to another, or what a backup is restored by. */
const transfer = z.object({
  /** Counted in each app, over all three. */
  num: z.coerce.number().int(),
  /** What it is of: "DATABASE" for DATABASE_URL, "NAVY" for HEROKU_POSTGRESQL_NAVY_URL. */
  from_name: z.string().nullish(),
  from_type: z.string().nullish(),
  to_type: z.string().nullish(),
  created_at: instant,
  started_at: instant.nullish(),
  canceled_at: instant.nullish(),
  finished_at: instant.nullish(),
  /** Null until it has ended. */
  succeeded: z.boolean().nullish(),
  warnings: figure,
  processed_bytes: figure,
  /** How many of its kind are kept. */
  num_keep: figure,
  /** Of one that a schedule made: what that is, nobody needs to know. */
  schedule: z.unknown().optional(),
  /** Of one that cannot be restored any more. */
  deleted_at: z.unknown().optional(),
});
export type Backup = z.infer<typeof transfer>;

const schedule = z.object({ name: z.string(), hour: z.coerce.number(), timezone: z.string() });

export type Backups = {
  readonly database: Database;
  /** The newest first. */
  readonly made: readonly Backup[];
  /** When one is made each day without anybody asking: "2:00 UTC". */
  readonly daily: readonly string[];
  /** The highest number that there is in the app, whatever has it. */
  readonly highest: number;
};
/** Instead of them, why they are not seen; null where the app has no database of its own. */
export type Sight = Backups | { readonly unseen: string } | null;

/** What Heroku Postgres has for the app, attached from other apps too. @throws Unavailable | Invalid */
export async function databasesOf(where: Settings, signal: AbortSignal): Promise<Database[]> {
  const { items } = await list(where, pathOf(where, "/addons"), addon, signal);
  return items.filter((each) => each.addon_service.name === SERVICE);
}

/** For this tier Heroku's command line does not ask there at all; its earlier name was "performance". */
const ADVANCED = /:(advanced|performance)/;
const PATIENCE = 5_000; // ms: nothing else that is seen of an app waits longer for them

/** Those of the app's main database. @throws Unavailable | Invalid */
export async function backupsOf(where: Settings, databases: readonly Database[], signal: AbortSignal): Promise<Sight> {
  const own = databases.filter(({ app }) => (app?.name ?? where.app) === where.app);
  const database =
    own.find(({ config_vars: names }) => names.includes("DATABASE_URL")) ?? (own.length === 1 ? own[0] : undefined);
  if (own.length === 0) return null;
  if (database === undefined)
    return { unseen: `the app has ${own.length} databases, and DATABASE_URL is none of them` };
  if (ADVANCED.test(database.plan.name))
    return { unseen: `Heroku's own command line has none of the plan ${database.plan.name}` };
  const soon = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const [transfers, schedules] = await Promise.all([
    list(where, { to: DATA, path: `/client/v11${pathOf(where, "/transfers")}` }, transfer, soon),
    list(where, { to: DATA, path: `${pathOfDatabase(database)}/transfer-schedules` }, schedule, soon),
  ]);
  // Both lists are of the app: where it has several databases, names tell them apart.
  const names = new Set(database.config_vars.map(shortName));
  function isOfIt(name: string): boolean {
    return own.length === 1 || names.has(shortName(name));
  }
  return {
    database,
    made: transfers.items
      .filter((each) => isBackup(each) && isOfIt(each.from_name ?? ""))
      .toSorted((a, b) => b.num - a.num),
    daily: schedules.items.filter(({ name }) => isOfIt(name)).map((each) => `${each.hour}:00 ${each.timezone}`),
    highest: transfers.items.reduce((most, { num }) => Math.max(most, num), 0),
  };
}

export function pathOfDatabase({ id }: Database): string {
  return `/client/v11/databases/${encodeURIComponent(id)}`;
}

/** Whether it is a backup that is still there. Copies and restores go to a database, and backups to a store. */
function isBackup({ from_type: from, to_type: to, deleted_at: deleted }: Backup): boolean {
  return from === "pg_dump" && to === "gof3r" && (deleted ?? null) === null;
}

function shortName(name: string): string {
  return name.replace(/_URL$/, "").replace(/^HEROKU_POSTGRESQL_/, "");
}

/** What there is of both, and why no more of it is seen where that is so. */
export async function databasesAndBackups(
  where: Settings,
  signal: AbortSignal,
): Promise<{ readonly databases: readonly Database[]; readonly backups: Sight }> {
  let databases: readonly Database[] = [];
  try {
    databases = await databasesOf(where, signal);
    return { databases, backups: await backupsOf(where, databases, signal) };
  } catch (error) {
    if (error instanceof Expected) return { databases, backups: { unseen: error.message.replace(/\.$/, "") } };
    throw error;
  }
}

export function isOver({ finished_at: finished, canceled_at: canceled }: Backup): boolean {
  return (finished ?? canceled ?? null) !== null;
}

export function isGood({ succeeded, finished_at: finished }: Backup): boolean {
  return succeeded === true && (finished ?? null) !== null;
}

export function isAskedFor({ schedule: by }: Backup): boolean {
  return (by ?? null) === null;
}

/** As of when its data are: pg_dump reads them as they were when it began. */
export function takenAt({ started_at: started, created_at: created }: Backup): Date {
  return started ?? created;
}

/** "b012", and "a012" where nobody asked for it, as Heroku's command line calls it. */
export function nameOf(of: Backup): string {
  return `${isAskedFor(of) ? "b" : "a"}${String(of.num).padStart(3, "0")}`;
}
