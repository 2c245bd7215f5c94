import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openActingSupervisor, type ActingSupervisor } from "../support/acting-supervisor.ts";
import { OVER_SOCKET, startBot, type Pair, type TestBot } from "../support/bot.ts";
import { MANIFEST, type Actor, type Seen, type SlackOptions } from "../support/slack.ts";

/**
 * A request goes directly to those who may approve it, whoever is on call and awake first; everybody sees who was asked
 * and when, and whoever asked hears how it ended.
 */

const REST_AFTER = 120_000; // ms that whoever is on call has to answer
const EXPIRES_AFTER = 20 * 60_000;

let supervisor: ActingSupervisor;
let bot: TestBot;
let ana: Actor;
let ben: Actor;
let cleo: Actor;

beforeEach(async () => {
  supervisor = await openActingSupervisor();
});
afterEach(async () => {
  await bot.close();
  await supervisor.close();
});

async function start(pair: Pair, onCall: string, slack: SlackOptions = {}): Promise<void> {
  bot = await startBot(pair, {
    slack,
    catalog: catalogWith(onCall),
  });
  await bot.slack.person({ id: "U0CLEO", name: "cleo", realName: "Cleo Clay", channels: ["C0SHOP"] });
  await bot.slack.person({ id: "U0BENTWO", name: "ben2", realName: "Ben Birch", channels: ["C0SHOP"] });
  [ana, ben, cleo] = [bot.slack.as("ana"), bot.slack.as("ben"), bot.slack.as("U0CLEO")];
}

/** What Ana asks for, once everybody who is asked has heard of it. */
async function asks(what: string): Promise<Seen> {
  await ana.types(`/day2 ${what}`, { in: "#shop" });
  const card = await ana.waitsFor("#shop", ({ plain }) => plain.includes("Needs "));
  await bot.settle();
  return ana.rereads(card);
}

/** The messages that somebody got directly. */
async function directly(who: Actor): Promise<Seen[]> {
  return who.sees("@daytwo");
}

async function isQuiet(account: string): Promise<void> {
  const now = Math.floor(bot.now().getTime() / 1000);
  await bot.slack.person({ id: account, dnd: { start: now - 3_600, end: now + 3_600 } });
}

describe.each(OVER_SOCKET)("over $transport with the queue on $queue", (pair) => {
  test("on call first, then the rest; copies lose their buttons, and who asked hears the end once", async () => {
    await start(pair, "ben");
    const card = await asks("rollback shop");
    expect(card.plain).toMatch(/Needs @ben \(messaged [^)]+\) · valid until/);
    expect(card.plain).toMatch(/Asks Cleo too at /);
    const [copy, ...more] = await directly(ben);
    expect([copy?.plain, copy?.buttons, more]).toEqual([card.plain, ["Approve", "Deny…", "Cancel"], []]);
    expect(await directly(cleo)).toEqual([]);
    expect(await directly(ana)).toEqual([]); // she knows what she did

    await bot.passes(REST_AFTER);
    expect((await ana.rereads(card)).plain).toMatch(/Needs one of @ben \(messaged [^)]+\), @cleo \(messaged [^)]+\)/);
    const [late] = await directly(cleo);
    expect(late?.buttons).toEqual(["Approve", "Deny…", "Cancel"]);
    expect(await directly(ben)).toHaveLength(1);
    await bot.passes(REST_AFTER);
    expect([await directly(ben), await directly(cleo)].map((each) => each.length)).toEqual([1, 1]);

    await cleo.clicks(late as Seen, "Approve");
    await bot.settle();
    const done = await ana.rereads(card);
    expect(done.plain).toContain("*Done*");
    for (const who of [ben, cleo]) {
      const [decided] = await directly(who);
      expect([decided?.plain, decided?.buttons]).toEqual([done.plain, []]);
    }
    const heard = (await directly(ana)).map(({ plain }) => plain);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(/^✅ \*op-1 Roll back shop v2 → v1\*\nIt is done: /);
    const record = (await ana.asks("/day2 audit op-1")).plain;
    expect(record).toContain("Asked Ben to approve op-1");
    expect(record).toContain("Asked Cleo to approve op-1");
  });

  test("whoever is on call and asleep is not waited for", async () => {
    await start(pair, "ben");
    await isQuiet("U0BEN");
    const card = await asks("rollback shop");
    expect(card.plain).toMatch(/Needs one of @ben, @cleo \(messaged [^)]+\) · valid until/);
    expect(card.plain).not.toContain("Asks ");
    expect([await directly(ben), await directly(cleo)].map((each) => each.length)).toEqual([1, 1]);
  });

  test("without the scope that tells it, everybody counts as awake", async () => {
    const scopes = { bot: MANIFEST.oauth_config?.scopes?.bot ?? [] };
    await start(pair, "ben", { manifest: { ...MANIFEST, oauth_config: { scopes } } });
    await isQuiet("U0BEN");
    expect((await asks("rollback shop")).plain).toMatch(/Needs @ben \(messaged/);
    const told = await bot.slack.calls("dnd.teamInfo");
    expect(told.map(({ error }) => error)).toEqual(["missing_scope"]);
  });

  test("all are asked at once where nobody on call may approve, or too few; two accounts are one person", async () => {
    await start(pair, "ana");
    const card = await asks("rollback shop");
    expect(card.plain).toMatch(/Needs one of @ben, @cleo \(messaged/);
    await ana.clicks(card, "Cancel");
    await bot.settle();
    expect(await directly(ana)).toEqual([]); // she knows what she did

    await bot.follows(catalogWith("ben"));
    await ana.types("/day2 restart shop", { in: "#shop" });
    const second = await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-2") && plain.includes("Needs "));
    await bot.settle();
    expect((await ana.rereads(second)).plain).toMatch(/Needs @ben, @cleo \(messaged/);
    await ben.clicks(second, "Approve");
    await bot.slack.as("U0BENTWO").clicks(second, "Approve");
    await bot.settle();
    expect(supervisor.effects).toEqual([]);
    expect((await ana.rereads(second)).plain).toMatch(/Needs @cleo \(messaged/);
    await cleo.clicks(second, "Deny…");
    await (await (await cleo.modal()).fills({ "Why not?": "wait for Dana" })).submits();
    await bot.settle();
    expect((await directly(ana)).at(-1)?.plain).toMatch(/🚫 \*op-2 .*\nCleo on it: denied: wait for Dana/);
  });

  test("where policy wants an admin to approve, admins are asked, and nobody else may", async () => {
    await start(pair, "ben");
    await bot.follows(
      catalogWith("ben")
        .replace("slack: U0CLEO, role: approver", "slack: U0CLEO, role: admin")
        .replace("policies:", "policies:\n  - { when: { action: rollback, service: shop }, approvers: admin }"),
    );
    const card = await asks("rollback shop");
    expect(card.plain).toMatch(/Needs @cleo \(/);
    expect((await directly(ben)).map(({ plain }) => plain)).toEqual([]);
    const [bens, cleos] = [await ben.asks("/day2"), await cleo.asks("/day2", { in: "#shop" })];
    expect([bens, cleos].map(({ plain }) => plain.includes("Waits for your approval"))).toEqual([false, true]);
    expect((await ben.asks("/day2 approve op-1")).plain).toContain("takes the role admin; yours is approver");
    await cleo.types("/day2 approve op-1", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-1") && plain.includes("*Done*"));
  });

  test("who asked hears that nobody decided, once", async () => {
    await start(pair, "ben");
    await asks("rollback shop");
    await bot.passes(EXPIRES_AFTER);
    await bot.passes(60_000);
    const heard = (await directly(ana)).map(({ plain }) => plain);
    expect(heard).toEqual([
      expect.stringMatching(/^⌛ \*op-1 Roll back shop v2 → v1\*\nIt was not run: it was not approved in time$/),
    ]);
    expect((await directly(ben)).map(({ buttons }) => buttons)).toEqual([[]]);
  });

  test("an approval that did not count for a while counts again, once its giver has the role back", async () => {
    await start(pair, "ben");
    const card = await asks("restart shop");
    const asReader = catalogWith("ben").replace("[U0BEN, U0BENTWO], role: approver", "[U0BEN, U0BENTWO], role: reader");
    await ben.types("/day2 approve op-1", { in: "#shop" });
    await bot.follows(asReader);
    await cleo.types("/day2 approve op-1", { in: "#shop" });
    await bot.passes(5_000);
    expect((await ana.rereads(card)).plain).toContain("Needs ");
    await bot.follows(catalogWith("ben"));
    await bot.passes(5_000);
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-1") && plain.includes("*Done*"));
    expect((await ana.asks("/day2 audit op-1")).plain).toContain("enough again");
  });

  test("who asked and left is told nothing more, and nothing stays owed to them", async () => {
    await start(pair, "ben");
    await asks("rollback shop");
    const [, ...others] = catalogWith("ben").split(/^ {2}ana: .*\n/m);
    await bot.follows(`people:\n${others.join("").replace("owner: ana", "owner: ben")}`);
    await ben.types("/day2 deny op-1 nobody needs it now", { in: "#shop" });
    await bot.settle();
    expect(await directly(ana)).toEqual([]);
  });

  test("an account that Slack does not know is given up, and the others are asked", async () => {
    await start(pair, "ben");
    await bot.follows(catalogWith("ben").replace("[U0BEN, U0BENTWO]", "U0NOBODY"));
    await asks("restart shop");
    expect((await directly(cleo)).map(({ buttons }) => buttons)).toEqual([["Approve", "Deny…", "Cancel"]]);
  });
});

/** The catalog of these stories with somebody else on call. */
function catalogWith(onCall: string): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: [U0BEN, U0BENTWO], role: approver }
  cleo: { name: Cleo, slack: U0CLEO, role: approver }
policies:
  - { when: { action: restart }, approvals: 2 }
services:
  shop:
    channel: "#shop"
    owner: ana
    responsibilities: { on-call: ${onCall} }
    targets: { web: ${supervisor.target("shop")} }
    checks: { ownership: off }
`;
}
