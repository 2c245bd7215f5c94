import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { spawnGuarded } from "../guard.ts";
import type { PostgresReady } from "../postgres.ts";

/** The shop's own database, as its owner sees it. */
export type ShopDatabase = {
  /** As the shop's own role, which is no superuser. */
  readonly url: string;
  readonly port: number;
  /** Back to the orders of the first day. */
  empty(): Promise<void>;
  close(): Promise<void>;
};

/** As on most servers out there: few enough that a leak hurts. */
const CONNECTIONS = 100;
const ORDERS = "insert into orders (amount) select 5 + n % 60 from generate_series(1, 40) as n";

export async function openShopDatabase(
  dataDir: string,
  port: number | undefined,
  log: (line: string) => void,
): Promise<ShopDatabase> {
  const options = { dataDir, databases: ["shop"], settings: { max_connections: CONNECTIONS } };
  // Where it listened last time, if that is still free.
  const server = await spawnGuarded<PostgresReady>(
    new URL("../postgres.ts", import.meta.url),
    { ...options, port },
    { log },
  ).catch((error: unknown) => {
    if (port === undefined || !String(error).includes("Address already in use")) throw error;
    return spawnGuarded<PostgresReady>(new URL("../postgres.ts", import.meta.url), options, { log });
  });
  const password = randomBytes(18).toString("hex");
  async function asSuperuser(...statements: string[]): Promise<void> {
    const client = new Client({ connectionString: server.ready.url });
    await client.connect();
    await client.query(statements.join(";\n"));
    await client.end();
  }
  await asSuperuser(
    "do $$ begin if not exists (select from pg_roles where rolname = 'shop') then create role shop login; end if; end $$",
    `alter role shop password '${password}'`,
    "grant pg_monitor to shop",
    `create table if not exists orders (
       id bigint generated always as identity primary key,
       amount numeric(10, 2) not null,
       ordered_at timestamptz not null default now(),
       shipped_at timestamptz
     )`,
    "alter table orders owner to shop",
    `do $$ begin if not exists (select from orders) then ${ORDERS}; end if; end $$`,
  );
  return {
    url: `postgres://shop:${password}@127.0.0.1:${server.ready.port}/shop`,
    port: server.ready.port,
    empty: () => asSuperuser("truncate orders", ORDERS),
    close: server.stop,
  };
}
