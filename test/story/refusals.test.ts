import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PAIRS, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Actor, Seen } from "../support/slack.ts";
import { until } from "../support/until.ts";

/** Who may not do something hears why and what to do next, nothing changes, and the attempt is in the record. */

const FULL = 2_000;

let folders: TestFolder;

beforeAll(async () => {
  folders = await openFolders();
  await folders.holds("logs", FULL);
});
afterAll(() => folders.close());

const PEOPLE = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: admin }
  rae: { name: Rae, slack: U0RAE, role: reader }
`;

function services(): string {
  return `
services:
  shop:
    channel: "#shop"
    targets: { web: { provider: local, supervisor: "http://127.0.0.1:9", application: shop, token: { env: NONE } } }
    checks: { ownership: off, folder-size: { path: "${folders.path("logs")}", warning: 1000, every: 10s } }
`;
}

describe.each(PAIRS)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;

  /** A bot that has found one item; its card, as anybody sees it. */
  async function finds(catalog: string): Promise<Seen> {
    bot = await startBot(pair, { catalog });
    await bot.passes(20_000);
    return bot.slack.as("ana").waitsFor("#shop", (message) => message.plain.includes("logs hold"));
  }
  afterEach(() => bot.close());

  test("who may not, hears why and what to do, changes nothing, and is in the record", async () => {
    const card = await finds(PEOPLE + services());
    const rae = bot.slack.as("rae");
    const before = (await rae.rereads(card)).plain;
    await bot.slack.person({ id: "U0NEW", name: "noor", realName: 'Noor "New" Nilsen', channels: ["C0SHOP", "C0OPS"] });
    await bot.slack.person({ id: "U0OUT", name: "otto", realName: "Otto Out", kind: "deactivated" });
    await bot.slack.person({ id: "U0BOT", name: "flow", realName: "A workflow", kind: "bot" });
    const { slack } = bot;

    const reader = await hears(rae, card, "Take it");
    expect(reader).toContain("To take items on shop takes the role operator; yours is reader.");
    expect(reader).toContain("Ben can change your role");
    expect(await hears(slack.as("gus"), card, "Take it")).toContain(
      "Guests of this workspace can look, but not take items.",
    );
    for (const account of ["U0OUT", "U0BOT"]) await slack.deliver("interactive", await pressOf(account));
    const unknown = await hears(slack.as("U0NEW"), card, "Resolve…");
    expect(unknown).toContain("You are not in the catalog");
    expect(unknown).toContain("Ben can add you");
    expect(unknown).toContain(
      'people: { noor-new-nilsen: { name: "Noor \\"New\\" Nilsen", slack: U0NEW, role: operator } }',
    );
    expect((await rae.asks("/day2 handoff #1 @ana have fun")).plain).toContain("takes the role operator");
    expect(await slack.as("U0NEW").modals()).toEqual([]);
    const stranger = (await slack.as("U0NEW").asks("/day2 whoami")).plain;
    expect(stranger).toContain("You are not in the catalog");
    expect(stranger).toContain("You may: look, see the digest\nBen can add you to");
    expect(stranger).toContain("slack: U0NEW, role: operator } }");
    expect((await slack.as("U0NEW").asks("/day2 handoff #1 me please")).plain).toContain(
      "`/day2 whoami` shows the line",
    );
    expect((await rae.asks("/day2 whoami")).plain).toContain(
      'people: { rae: { name: "Rae", slack: U0RAE, role: reader } }',
    );

    await bot.settle();
    expect((await rae.rereads(card)).plain).toBe(before);
    expect(await rae.sees("#shop", card)).toHaveLength(1);
    const record = (await rae.asks("/day2 audit #1")).plain;
    for (const who of ["Rae", "@gus", "@U0NEW"]) expect(record).toContain(`${who} was refused: `);
    expect(record).toContain("@U0OUT was refused: Deactivated accounts can look, but not take items. · by button");
    expect(record).toContain("@U0BOT was refused: Bots and workflows can look, but not take items. · by button");
    expect(record).toContain(
      "Rae was refused: To hand items over on shop takes the role operator; yours is reader. · by command",
    );
  });

  test("full members take care of items, and nobody may act on anything", async () => {
    const card = await finds(services());
    const ana = bot.slack.as("ana");
    await ana.clicks(card, "Take it");
    await bot.settle();
    expect((await ana.rereads(card)).plain).toContain("Owner: @ana (took it");
    expect((await ana.asks("/day2")).plain).toContain("Yours* (1)");
    expect((await ana.asks("/day2 snooze #1 2h lunch")).plain).toContain("#1 is snoozed");
    expect((await ana.asks("/day2 resolve #1 emptied by hand")).plain).toContain("#1 is resolved");
    const told = await ana.asks("/day2 restart shop");
    expect(told.plain).toContain("Nobody may ask for actions yet, because the catalog names no people.");
    expect(told.plain).toContain('people: { ana-alder: { name: "Ana Alder", slack: U0ANA, role: operator } }');
    expect((await bot.slack.as("gus").asks("/day2 own #1")).plain).toContain("Guests of this workspace can look");
  });

  /** What only this person is told after pressing the button. */
  async function hears(who: Actor, card: Seen, label: string): Promise<string> {
    const before = (await who.whispers("#shop")).length;
    await who.clicks(card, label);
    await until("an answer", async () => (await who.whispers("#shop")).length > before);
    return (await who.whispers("#shop")).at(-1)?.plain ?? "";
  }

  /** The last press that Slack sent, as somebody else's. */
  async function pressOf(account: string): Promise<Record<string, unknown>> {
    const { deliveries } = await bot.slack.deliveries();
    const { payload } = deliveries.findLast((each) => each.kind === "interactive") ?? { payload: {} };
    const user = { id: account, username: account, name: account, team_id: "T0LOCAL" };
    return { ...payload, user };
  }
});
