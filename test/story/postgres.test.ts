import type { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OVER_HTTP, startBot, type Pair, type TestBot } from "../support/bot.ts";
import type { Actor, Seen } from "../support/slack.ts";
import { openWatchedServer, type WatchedServer } from "../support/watched-server.ts";

/** A transaction that holds up everybody else is an item, and its session ends: plan, approval, end, look. */

const MINUTE = 60_000;

let server: WatchedServer;
let bot: TestBot;
let ana: Actor;
let ben: Actor;

async function opens(pair: Pair): Promise<void> {
  const limits = "{ warning: 1s, critical: 1s }";
  bot = await startBot(pair, {
    actions: "all",
    catalog: `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
services:
  shop:
    channel: "#shop"
    owner: ana
    targets:
      db: { provider: postgres, url: { env: STORY_DATABASE }, long_transaction: 0s }
    checks:
      ownership: off
      postgres: { url: { env: STORY_DATABASE }, idle_in_transaction: ${limits}, connections_warning: 1 }
      health: { responsibility: database }
    tasks:
      orders: { query: "select id, state from orders where id = {id}", arguments: { id: { number: { min: 1, max: 9 } } } }
      sent: { query: "select 'sent ' || count(*) as said from orders where state = 'sent'", risk: high }
`,
  });
  ana = bot.slack.as("ana");
  ben = bot.slack.as("ben");
}

/** Lets checks look until somebody sees what they wait for. */
async function soon(who: Actor, matches: (message: Seen) => boolean): Promise<Seen> {
  for (let left = 10; left > 0; left -= 1) {
    await bot.passes(MINUTE);
    const found = (await who.sees("#shop")).find(matches);
    if (found !== undefined) return found;
  }
  throw new Error(`it was not seen; there is ${(await who.sees("#shop")).map(({ plain }) => plain).join(" | ")}`);
}

async function someone(application: string): Promise<Client> {
  const [client] = await server.connect(1, application);
  if (client === undefined) throw new Error("nobody came");
  return client.on("error", () => undefined);
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  beforeEach(async () => {
    server = await openWatchedServer();
    await server.admin.query("grant pg_signal_backend to daytwo");
    await server.admin.query("create table orders as select id, 'new' as state from generate_series(1, 9) as id");
    await server.admin.query("grant select, update on orders to shop; grant select on orders to daytwo");
    process.env["STORY_DATABASE"] = server.url();
  });
  afterEach(async () => {
    await bot.close();
    await server.stop();
    delete process.env["STORY_DATABASE"];
  });

  test("a transaction that holds others up: item, plan, approval, its session ends, seen to be gone, resolved", async () => {
    const web = await someone("web v142");
    await web.query("begin; update orders set state = 'paid' where id = 1");
    const { rows } = await web.query<{ pid: number }>("select pg_backend_pid() as pid");
    const id = String(rows[0]?.pid);
    const worker = await someone("worker");
    const through = worker.query("update orders set state = 'sent' where id = 1");
    await opens(pair);
    const item = await soon(ana, ({ plain }) => plain.includes("a transaction sits idle"));
    expect(item.plain).toContain(`(session ${id})`);

    const label = `End session ${id}…`;
    await ana.clicks(await soon(ana, ({ ts, buttons }) => ts === item.ts && buttons.includes(label)), label);
    await (await ana.modal("End session")).submits();
    await bot.settle();
    const request = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"), { thread: item });
    expect(request.plain).toContain(`End session ${id} of shop (web v142)`);
    expect(request.plain).toMatch(/It holds up \d+/);
    await ben.clicks(request, "Approve");
    await bot.settle();
    expect((await ana.rereads(request)).plain).toMatch(new RegExp(`\\*Done\\*.*session ${id} has ended`));
    await through;

    const resolved = await soon(ana, ({ ts, plain }) => ts === item.ts && plain.includes("Resolved"));
    expect(resolved.ts).toBe(item.ts);

    await ana.types("/day2 run shop orders id=1", { in: "#shop" });
    await bot.settle();
    const ran = await soon(ana, ({ plain }) => plain.includes('"state":"sent"'));
    expect(ran.plain).toContain("*Done*");

    await ana.types("/day2 run shop sent", { in: "#shop" });
    await bot.settle();
    const asked = await ben.waitsFor("#shop", ({ buttons }) => buttons.includes("Approve"));
    const other = await someone("report");
    // Of what it reads nothing rests on who is connected, nor on whose transaction goes on.
    void other.query("begin; select pg_sleep(600)").catch(() => undefined);
    await ben.clicks(asked, "Approve");
    await bot.settle();
    expect((await ana.rereads(asked)).plain).toMatch(/\*Done\*[^]*"said":"sent 1"/);
  });
});
