import { createHash } from "node:crypto";
import { DatabaseError, escapeIdentifier, escapeLiteral, type Pool } from "pg";
import type { Log } from "../log.ts";
import { holdSchema } from "./migrate.ts";
import { boolean, inTransaction, query, queryOne, raw, Row, sql, sqlState, text, type Db } from "./sql.ts";

/**
 * The role that the bot works as where the server lets us make one. It owns nothing: it reads and writes Daytwo's rows, and
 * of the log it can only read and add. So no statement of the bot's, not even a wrong one, changes the log, turns its
 * triggers off or drops its tables. Commands and migrations keep the owner's rights.
 */

/** The tables of which the bot's role may change no row. */
const LOG = ["events", "event_seals"];

/** Roles belong to the whole server, so the name is that of one database and owner. */
export function botRoleName(database: string, owner: string): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([database, owner]))
    .digest("hex");
  return `daytwo_bot_${digest.slice(0, 16)}`;
}

/**
 * Makes the role and gives it what it needs, as far as that is missing: new tables come with each release. Returns its
 * name; null where the server does not let us, and the bot goes on as the owner.
 */
export async function prepareBotRole(pool: Pool, log: Log): Promise<string | null> {
  try {
    return await inTransaction(pool, async (db) => {
      await holdSchema(db);
      const role = await roleOf(db);
      if (!role.known) await makeRole(db, role);
      const statements = await owed(db, role.name);
      for (const { statement } of statements) await db.query(statement);
      if (statements.length === 0 || (await owed(db, role.name)).length === 0) return role.name;
      log.info("the bot's role cannot be given what it needs; it works as the owner of its tables");
      return null;
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    log.info(
      { state: sqlState(error) },
      "the server lets us make no role for the bot; it works as the owner of its tables",
    );
    return null;
  }
}

/** Whether the pool's connections work as the role; false where the server, or a pooler before it, does not have that. */
export async function worksAs(pool: Pool, role: string, log: Log): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ role: string }>("select current_user as role");
    return rows[0]?.role === role;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    log.info({ state: sqlState(error), role }, "the bot's role cannot be taken; it works as the owner of its tables");
    return false;
  }
}

/** What is told of it without changing anything. `changes`: what it could do to the log; empty where it cannot be taken. */
export async function examineBotRole(pool: Pool) {
  return inTransaction(pool, async (db) => {
    const role = await roleOf(db);
    const taken = role.known && (await take(db, role.name));
    return { ...role, taken, changes: taken ? (await query(db, NAME, CHANGES)).map(({ name }) => name) : [] };
  });
}

/** The server, or a pooler, said no; anything else it may say no to at another time. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  const kind = error.code?.slice(0, 2) ?? "";
  return !["40", "53", "57"].includes(kind);
}

const NAME = new Row({ name: text });
const OWNER = new Row({ database: text, owner: text, mayCreate: boolean });

async function roleOf(db: Db) {
  const owner = await queryOne(
    db,
    OWNER,
    sql`select current_database()::text as database, rolname::text as owner, (rolsuper or rolcreaterole) as may_create
        from pg_roles where rolname = current_user`,
  );
  if (owner === null) throw new Error("our own role is not among the server's roles");
  const name = botRoleName(owner.database, owner.owner);
  const known = await queryOne(db, NAME, sql`select rolname::text as name from pg_roles where rolname = ${name}`);
  return { ...owner, name, known: known !== null };
}

async function makeRole(db: Db, role: { readonly name: string; readonly database: string }): Promise<void> {
  const name = escapeIdentifier(role.name);
  await db.query(`create role ${name} nologin`);
  await db.query(`grant ${name} to current_user`);
  await db.query(`comment on role ${name} is ${escapeLiteral(`What Daytwo works as in database ${role.database}`)}`);
}

/** In the caller's transaction, from here on. */
async function take(db: Db, role: string): Promise<boolean> {
  await db.query("savepoint before");
  try {
    await db.query(`set local role ${escapeIdentifier(role)}`);
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await db.query("rollback to savepoint before");
    return false;
  }
}

const TABLES = raw(LOG.map((table) => `'${table}'`).join(", "));

const CHANGES = sql`
  select lower(verb) || ' ' || t.relname as name
  from pg_class t, unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) as verb
  where t.relnamespace = to_regnamespace('daytwo') and t.relname in (${TABLES}) and has_table_privilege(t.oid, verb)
  union all
  select 'own ' || t.relname
  from pg_class t
  where t.relnamespace = to_regnamespace('daytwo') and t.relname in (${TABLES}) and pg_has_role(t.relowner, 'member')
  order by name`;

const STATEMENT = new Row({ statement: text });

/** The statements by which the role would have just what it needs; none once it has. */
function owed(db: Db, role: string): Promise<{ statement: string }[]> {
  return query(
    db,
    STATEMENT,
    sql`
  with bot as (
    select r.oid, r.rolname, o.oid as owner from pg_roles r, pg_roles o where r.rolname = ${role} and o.rolname = current_user),
  wanted as (
    select t.oid, t.relacl, case t.relkind when 'S' then 'sequence' else 'table' end as kind,
      case when t.relkind = 'S' then array['SELECT', 'USAGE']
        when t.relname = 'migrations' then array['SELECT']
        when t.relname in (${TABLES}) then array['INSERT', 'SELECT']
        else array['DELETE', 'INSERT', 'SELECT', 'UPDATE'] end as rights
    from pg_class t where t.relnamespace = to_regnamespace('daytwo') and t.relkind in ('r', 'p', 'v', 'S'))
  select format('revoke all on %1$s %2$s from %3$I; grant %4$s on %1$s %2$s to %3$I',
      w.kind, w.oid::regclass, b.rolname, array_to_string(w.rights, ', ')) as statement
  from wanted w, bot b
  where w.rights is distinct from
    (select array_agg(a.privilege_type order by a.privilege_type) from aclexplode(w.relacl) a where a.grantee = b.oid)
  union all
  select format('grant usage on schema daytwo to %I', b.rolname)
  from bot b where not has_schema_privilege(b.oid, 'daytwo', 'usage')
  union all -- what a newer release makes while this one still runs
  select format('alter default privileges in schema daytwo grant %s to %I', d.rights, b.rolname)
  from bot b, (values ('r'::"char", 'select, insert, update, delete on tables'), ('S', 'select, usage on sequences')) d (kind, rights)
  where not exists (
    select from pg_default_acl p, aclexplode(p.defaclacl) a
    where p.defaclnamespace = to_regnamespace('daytwo') and p.defaclobjtype = d.kind
      and p.defaclrole = b.owner and a.grantee = b.oid)`,
  );
}
