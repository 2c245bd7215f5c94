import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { sweep } from "../../jobs/loops.ts";
import { openLog } from "../../src/log.ts";
import { OVER_HTTP, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import { openPool } from "../support/pool.ts";
import type { Actor } from "../support/slack.ts";
import { until } from "../support/until.ts";

/** Some rows break whatever is done to them: that costs them alone, and somebody sees it. */

const FINE = 10;
const FULL = 2_000;
const MINUTE = 60_000;
const MANY = 60; // more than a sweep takes at once
const SECRET = "story-broken-5ecret-17";

process.env["STORY_BROKEN"] = SECRET;

let folders: TestFolder;
let bot: TestBot;
let ana: Actor;
let db: Pool;
const logged: string[] = [];

beforeAll(async () => {
  folders = await openFolders();
  for (const name of ["logs", "dumps"]) await folders.holds(name, FINE);
});
afterAll(() => folders.close());

function catalog(): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
services:
  shop:
    owner: ana
    checks:
      ownership: off
      folder-size:
        - { name: logs, path: "${folders.path("logs")}", warning: 500, critical: 1000, every: 2s, failures: 1, successes: 1 }
        - { name: dumps, path: "${folders.path("dumps")}", warning: 500, critical: 1000, every: 2s, failures: 1, successes: 1 }
alerts: { own: { format: generic, secret: { env: STORY_BROKEN } } }
`;
}

/** From now on the database refuses each such change of a table; the returned function lets them through again. */
async function breaks(table: string, when: string): Promise<() => Promise<void>> {
  const name = `breaks_${table}`;
  await asked(`create or replace function ${name}() returns trigger language plpgsql as $$ begin
                 if ${when} then raise exception 'this row is broken'; end if;
                 return new;
               end $$;
               create trigger ${name} before insert or update on ${table} for each row execute function ${name}()`);
  async function mend(): Promise<void> {
    await asked(`drop trigger if exists ${name} on ${table}`);
  }
  onTestFinished(mend);
  return mend;
}

async function asked(statement: string): Promise<unknown[]> {
  return (await db.query<object>(statement)).rows;
}

/** How many of the snoozed ones are awake. */
async function awake(): Promise<number> {
  return (await asked("select from items where fingerprint like 'snoozed/%' and state = 'open'")).length;
}

/** How the item stands that tells of what breaks. */
async function telling(): Promise<unknown> {
  const [item] = (await asked("select state from items where fingerprint = 'daytwo/broken'")) as { state?: unknown }[];
  return item?.state;
}

/** How often people were told of the item of a folder. */
async function told(folder: string): Promise<number> {
  const item = `select id from items where fingerprint = 'shop/folder-size/${folder}'`;
  return (await asked(`select from events where kind = 'item.told' and item in (${item})`)).length;
}

/** Sends alerts in one request; how that ended. */
async function sends(names: readonly string[]): Promise<number> {
  const sent = await fetch(`${bot.bot.http.url}/alerts/own`, {
    method: "POST",
    headers: { authorization: `Bearer ${SECRET}` },
    body: JSON.stringify(names.map((name) => ({ name, service: "shop" }))),
  });
  return sent.status;
}

/** Time passes, `ms` with each sweep, until that is so. */
async function passesUntil(what: string, ms: number, holds: () => Promise<boolean>): Promise<void> {
  await until(what, async () => {
    bot.advance(ms);
    await sweep(bot.bot.app);
    return holds();
  });
}

describe.each(OVER_HTTP)("over $transport with the queue on $queue", (pair) => {
  beforeAll(async () => {
    const log = openLog("error", { write: (line: string) => void logged.push(line) });
    bot = await startBot(pair, { catalog: catalog(), log });
    ana = bot.slack.as("ana");
    db = openPool(bot.database);
    await bot.settle();
  });
  afterAll(async () => {
    await db.end();
    await bot.close();
  });

  test("a sweep goes past however many, and people learn what it is that does not get on", async () => {
    await asked(`insert into items (fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at, state,
                                           snoozed_until, acknowledged_by, acknowledged_until)
                 select 'snoozed/' || n, 'person', 'on-call', 'warning', 's', at, at, at, 'snoozed', at + interval '1 minute', 'ana', at + interval '1 day'
                 from generate_series(1, ${MANY + 1}) n, (select timestamptz '${bot.now().toISOString()}' as at) t`);
    const mend = await breaks("items", `new.fingerprint like 'snoozed/%' and new.fingerprint <> 'snoozed/${MANY + 1}'`);
    await passesUntil("the only good one to wake", 10_000, async () => (await awake()) === 1);
    await passesUntil("it to break for a while", 10_000, async () => (await telling()) === "open");
    expect(logged.some((line) => line.includes("this row is broken") && line.includes("waking snoozed items"))).toBe(
      true,
    );
    const figures = await (await fetch(`${bot.bot.http.url}/metrics`)).text();
    expect(Number(/^daytwo_broken_total (\d+)$/m.exec(figures)?.[1])).toBeGreaterThanOrEqual(MANY);

    const card = await ana.waitsFor("#ops", ({ plain }) => plain.includes("Daytwo breaks at waking snoozed items"));
    expect(card.plain).toContain("all else goes on");
    await mend();
    await passesUntil("all others to wake", 10_000, async () => (await awake()) === MANY + 1);
    await passesUntil("what tells of it to be over", MINUTE, async () => (await telling()) === "resolved");
    await ana.waitsFor("#ops", ({ ts, plain }) => ts === card.ts && plain.includes("nothing broke for 5 minutes"));
  });

  test("of checks that are looked at together, and of items that people are told of, the others get on", async () => {
    const mendItem = await breaks("items", "new.fingerprint = 'shop/folder-size/dumps'");
    const mendChain = await breaks(
      "escalations",
      "new.told_at is not null and exists (select from items i where i.id = new.item and i.fingerprint = 'shop/folder-size/logs')",
    );
    for (const name of ["logs", "dumps"]) await folders.holds(name, FULL);
    bot.advance(4_000);
    await ana.waitsFor("#ops", ({ plain }) => plain.includes("logs hold"));
    await mendItem();
    await passesUntil("somebody to be told of the other one", 10_000, async () => (await told("dumps")) > 0);
    expect(await told("logs")).toBe(0);
    await mendChain();
    await passesUntil("somebody to be told of this one too", 10_000, async () => (await told("logs")) > 0);
  });

  test("of alerts that come together all others are kept, and only the request of the broken one is asked for again", async () => {
    const mend = await breaks("items", "new.summary = 'bad'");
    const requests = [["good", "bad"], ["another"]];
    expect(await Promise.all(requests.map(sends))).toEqual([503, 200]);
    expect(await asked("select summary from items where origin = 'alert' order by 1")).toEqual([
      { summary: "another" },
      { summary: "good" },
    ]);
    await mend();
    bot.advance(MINUTE);
    expect(await sends(["good", "bad"])).toBe(200);
    expect(await asked("select from items where origin = 'alert'")).toHaveLength(3);
  });
});
