import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OVER_SOCKET, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Actor } from "../support/slack.ts";
import { PLAN } from "../views.values.ts";
import { openPool } from "../support/pool.ts";

/** However much there is, Home, `/day2`, the lists, the status and the digest say the same numbers, and leave nothing out silently. */

const MANY = 17;

let folders: TestFolder;

beforeAll(async () => {
  folders = await openFolders();
  const names = ["shop", "blog"].flatMap((service) => Array.from({ length: MANY }, (_, n) => `${service}-${n}`));
  await Promise.all(names.map((name) => folders.holds(name, 2_000)));
});
afterAll(() => folders.close());

function catalog(): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver, services: { jobs: reader, shop: reader } }
  rae: { name: Rae, slack: U0RAE, role: reader, services: { shop: operator } }
services:
  shop: { owner: nobody, checks: { ownership: off, folder-size: [${checks("shop")}] } }
  blog: { owner: ana, channel: "#shop", checks: { ownership: off, folder-size: [${checks("blog")}] } }
  jobs: { owner: ana, checks: { ownership: off } }
`;
}

function checks(service: string): string {
  const paths = Array.from({ length: MANY }, (_, n) => folders.path(`${service}-${n}`));
  return paths.map((path, n) => `{ name: f${n}, path: "${path}", warning: 1000, every: 1h, successes: 1 }`).join(", ");
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let pool: Pool;
  let ana: Actor;
  let ben: Actor;
  let rae: Actor;

  beforeAll(async () => {
    bot = await startBot(pair, { catalog: catalog() });
    pool = openPool(bot.database);
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
    rae = bot.slack.as("rae");
    await bot.passes(20_000);
  });
  afterAll(async () => {
    await pool.end();
    await bot.close();
  });

  async function says(who: Actor, text: string): Promise<string> {
    return (await who.asks(text)).plain;
  }

  /** Requests of somebody that are in a state, as many as wanted, one after the other. */
  async function requests(service: string, state: string, by: string, count: number): Promise<void> {
    await pool.query(
      `insert into operations (service, environment, target, action, arguments, state, requested_by, requested_at, plan, plan_hash,
                               approvals, expires_at, started_at, finished_at)
       select $1, 'production', $1 || '/web', 'rollback', '{}', $2, $3, $4, $5, 'h', 1, $4::timestamptz + interval '30 days',
              case when $2 in ('running', 'succeeded') then $4::timestamptz end, case when $2 = 'succeeded' then $4::timestamptz end
       from generate_series(1, $6)`,
      [service, state, by, bot.now(), JSON.stringify(PLAN), count],
    );
  }

  test("how many are nobody's, and how many are mine", async () => {
    const home = await ana.home();
    expect(home.plain).toContain(`*Yours* (${MANY})`);
    expect(home.plain).toContain("lists them");
    expect(home.plain).toContain(`*Nobody's* (${MANY})`);
    const desk = await ana.asks("/day2");
    expect(desk.text).toBe(`${MANY} items of yours, ${MANY} items without an owner`);
    expect(desk.plain).toContain(`and ${MANY - 5} more: \`/day2 items mine\` lists them`);
    expect(await says(ana, "/day2 items mine")).toMatch(new RegExp(`^\\*Your items\\* \\(${MANY}\\)`));
    expect(await says(ana, "/day2 items unowned")).toMatch(new RegExp(`^\\*Nobody's items\\* \\(${MANY}\\)`));
    expect(await says(ana, "/day2 digest")).toContain(`${MANY} without an owner, ${MANY} with an owner.`);
  });

  test("who may act on some services alone has buttons there, and nowhere else", async () => {
    const [might, mayNot] = [await rae.home(), await ben.home()];
    expect(might.buttons).toContain("Take it");
    expect(might.plain).not.toContain("You can look, but not act");
    expect(mayNot.plain).toContain(`*Nobody's* (${MANY})`);
    expect(mayNot.buttons).toEqual([`Take all (${MANY})`, `Seen all (${MANY})`]); // of blog, where he may
  });

  test("how many are open on a service", async () => {
    expect(await says(rae, "/day2 status shop")).toMatch(
      new RegExp(`^.*· ${MANY} open items\n[^]*\\*Open items\\* \\(${MANY}\\)[^]*and 7 more`),
    );
    expect(await says(rae, "/day2 status")).toMatch(new RegExp(`\\*shop\\* · ${MANY} open items`));
  });

  test("what has run for long is under way, whatever ended since", async () => {
    await requests("jobs", "running", "ana", 1);
    await requests("jobs", "succeeded", "ana", 6);
    expect(await says(rae, "/day2 status jobs")).toMatch(/· 1 operation under way\n[^]*\*Under way\* \(1\)/);
    await requests("jobs", "running", "ana", 7);
    expect(await says(rae, "/day2 status jobs")).toMatch(
      /· 8 operations under way\n[^]*\*Under way\* \(8\)[^]*and 3 more/,
    );
  });

  test("whoever may approve sees what waits for them, behind however much that is not theirs to decide", async () => {
    await requests("shop", "awaiting_approval", "ben", 21);
    await requests("jobs", "awaiting_approval", "ana", 21);
    await requests("blog", "awaiting_approval", "ana", 1);
    expect((await ben.asks("/day2")).text).toMatch(/^1 approval waiting for you/);
    expect((await ben.home()).plain).toMatch(/\*Waits for your approval\* \(1\)\n[^]*Asked by Ana/);
    await requests("blog", "awaiting_approval", "ana", 16);
    expect((await ben.asks("/day2")).text).toMatch(/^17 approvals waiting for you/);
    expect((await ana.asks("/day2")).text).not.toContain("waiting for you");
    expect(await says(rae, "/day2 digest")).toMatch(/59 approvals waiting[^]*\*Waits for approval\* \(59\)/);
  });
});
