import { randomBytes } from "node:crypto";
import { Client } from "pg";
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

async function onServer(server: string, statement: string): Promise<void> {
  const url = new URL(server);
  url.pathname = "/postgres";
  const client = new Client({ connectionString: url.href });
  client.on("error", () => undefined); // the server may end the session once the statement is through
  await client.connect();
  try {
    // Two files may clone at the same moment, and PostgreSQL refuses while the other copy is under way.
    await client.query("select pg_advisory_lock(1)");
    await client.query(statement);
  } finally {
    await client.end();
  }
}
