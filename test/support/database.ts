import { randomBytes } from "node:crypto";
import { Pool } from "pg";
import { inject } from "vitest";

export type TestDatabase = { readonly url: string; drop(): Promise<void> };

/** A database of one's own, cloned from the template: real commits, locks and notifications. */
export async function cloneDatabase(): Promise<TestDatabase> {
  const name = `daytwo_${randomBytes(6).toString("hex")}`;
  const server = inject("postgres");
  await onServer(server, `create database ${name} template daytwo_template strategy file_copy`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database ${name} with (force)`) };
}

/** An empty one like a managed service's: it belongs to a role of that name, who is no superuser. */
export async function ownedDatabase(
  owner: string,
  may: "createrole" | "nocreaterole" = "nocreaterole",
): Promise<TestDatabase> {
  const name = `daytwo_${randomBytes(6).toString("hex")}`;
  const server = inject("postgres");
  await onServer(server, `create role ${owner} login password 'owner' ${may}`);
  await onServer(server, `create database ${name} owner ${owner}`);
  const url = new URL(server);
  url.username = owner;
  url.password = "owner";
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database ${name} with (force)`) };
}

/** One session for all databases of a worker: beginning one takes the server nearly as long as the clone itself. */
let sessions: Pool | undefined;

async function onServer(server: string, statement: string): Promise<void> {
  sessions ??= openSessions(server);
  const client = await sessions.connect();
  try {
    // Two files may clone at the same moment, and PostgreSQL refuses while the other copy is under way.
    await client.query("select pg_advisory_lock(1)");
    await client.query(statement);
  } finally {
    await client.query("select pg_advisory_unlock(1)");
    client.release();
  }
}

function openSessions(server: string): Pool {
  const url = new URL(server);
  url.pathname = "/postgres";
  const pool = new Pool({ connectionString: url.href, max: 1, idleTimeoutMillis: 0, allowExitOnIdle: true });
  pool.on("error", () => undefined); // the server ends it at the end of the run
  return pool;
}
