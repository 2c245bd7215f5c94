import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { App } from "@slack/bolt";
import { Pool } from "pg";

/** What one usually writes when a command must not be lost: Bolt, an insert, then the acknowledgement. */
const pool = new Pool({ connectionString: process.env["DATABASE_URL"] });
await pool.query("create table if not exists commands (trigger_id text primary key, body jsonb not null)");
const app = new App({
  token: "xoxb-bench",
  signingSecret: "bench-signing-secret",
  botId: "B0BENCH",
  botUserId: "U0BENCH",
  tokenVerificationEnabled: false,
});
app.command("/day2", async ({ ack, body }) => {
  await pool.query("insert into commands values ($1, $2) on conflict do nothing", [body.trigger_id, body]);
  await ack();
});
const server = (await app.start({ port: 0, host: "127.0.0.1" })) as Server;
process.stdout.write(`ready on ${(server.address() as AddressInfo).port}\n`);
