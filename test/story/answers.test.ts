import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PAIRS, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Actor, Seen } from "../support/slack.ts";

/** Whatever people type or press, they alone get an answer that says what to do next; what they wrote stays as they wrote it. */

const FULL = 2_000;

let folders: TestFolder;

beforeAll(async () => {
  folders = await openFolders();
  await Promise.all(["logs", "dumps", "queue"].map((name) => folders.holds(name, FULL)));
});
afterAll(() => folders.close());

function catalog(): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, teams: [web], role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
  rae: { name: Rae, slack: U0RAE, role: reader }
teams: { web: { name: Web team, slack_group: S0WEB } }
services:
  shop:
    name: The shop
    owner: nobody
    runbook: https://wiki.example/shop
    targets: { web: { provider: local, supervisor: "http://127.0.0.1:9", application: shop, token: { env: NONE } } }
    checks:
      ownership: off
      folder-size:
        - { name: logs, path: "${folders.path("logs")}", warning: 1000, every: 1h }
        - { name: dumps, path: "${folders.path("dumps")}", warning: 1000, every: 1h }
        - { name: queue, path: "${folders.path("queue")}", warning: 1000, every: 1h }
  blog: { owner: team-web }
`;
}

describe.each(PAIRS)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let ana: Actor;
  let ben: Actor;
  let rae: Actor;

  beforeAll(async () => {
    bot = await startBot(pair, { catalog: catalog() });
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
    rae = bot.slack.as("rae");
    await bot.passes(20_000);
  });
  afterAll(() => bot.close());

  async function says(who: Actor, text: string): Promise<string> {
    return (await who.asks(text)).plain;
  }

  test("what needs me, how things are, and what there is to say", async () => {
    expect(await says(rae, "/day2")).toMatch(/\*Nobody's\* \(3\)[^]*can give you a role in it/);
    expect(await says(ana, "/day2 status")).toMatch(/🟡 \*shop\* · 3 open items[^]*🟢 \*blog\* · nothing open/);
    expect(await says(ana, "/day2 status shop")).toMatch(
      /The shop\* · production · 3 open items[^]*folder-size\/logs · logs hold 2 kB/,
    );
    expect(await says(ana, "/day2 items unowned")).toMatch(/^\*Nobody's items\* \(3\)/);
    expect(await says(ana, "/day2 mine")).toContain("Your items*: none");
    expect(await says(ana, "/day2 #1")).toContain("#1 The shop");
    expect(await says(ana, "/day2 runbook shop")).toBe("Runbook of The shop");
    const help = await says(ana, "/day2 help");
    expect(help).toContain("`/day2 handoff #id @person note…` Hands an item to a person or team");
    expect(help).toContain("`/day2 rollback service [to release]`");
    expect(help).not.toContain("/day2 /day2");
    expect(help).not.toContain("bad-release");
    expect(await says(ana, "/day2 help snooze")).toContain("`/day2 snooze #id 2h reason…` Puts an item aside");
    expect(await says(ana, "/day2 scale -h")).toContain("`/day2 scale service process=n … [for 10m]`");
  });

  test.each([
    ["/day2 ststus", ["Did you mean `status`?", "Usage: `/day2 status [service]`"]],
    ["/day2 brew coffee", ["I do not know `brew`.", "`/day2 help` shows what there is"]],
    ["/day2 own #999", ["There is no item #999.", "`/day2 items` lists the open ones."]],
    [
      "/day2 own",
      [
        "Which one? Write an item such as `#142`, several, or a service such as `shop`.",
        "Usage: `/day2 own #id…|service [for 2h]`",
      ],
    ],
    ["/day2 approve op-77", ["There is no operation op-77.", "`/day2` shows what waits for you."]],
    ["/day2 status shpo", ["I know no service called shpo.", "Did you mean `shop`?"]],
    ["/day2 status payments", ["I know no service called payments.", "There is blog, shop."]],
    [
      "/day2 handoff #1 @nobody-here have it",
      ["I know nobody called nobody-here.", "The catalog knows Ana, Ben, Rae."],
    ],
    ["/day2 handoff #1 @gus have it", ["The catalog does not know that person.", "The catalog knows Ana, Ben, Rae."]],
    ["/day2 handoff #1 @ben", ["What should they know?", "Usage: `/day2 handoff #id @person note…`"]],
    ["/day2 snooze #1 soon later", ["`soon` is not a duration.", "`2h30`"]],
    ["/day2 snooze #1 90d later", ["out of range: from 1 minute to 30 days"]],
    ["/day2 snooze #1 2 later", ["2 of what? Write `2m`, `2h` or `2d`."]],
    ["/day2 resolve #1", ["Why is it done?", "Usage: `/day2 resolve #id reason…`"]],
    ["/day2 scale shop web=many", ["Usage: `/day2 scale service process=n … [for 10m]`"]],
    [
      "/day2 restart blog",
      ["The catalog does not say what blog runs on", "`targets` of `blog`", "`/day2 help providers`"],
    ],
    [
      "/day2 reboot shop",
      ["`reboot` cannot be done on anything that The shop runs on.", "`shop/web` (local): `scale`, "],
    ],
    ["/day2 check shop/cpu", ["The shop has no such check.", "`folder-size/logs`"]],
    ["/day2 note #1", ["What should be noted?"]],
    ["/day2 demo bad-release", ["I do not know `demo`."]],
  ])("%s", async (typed, parts) => {
    const said = await says(ana, typed);
    for (const part of parts) expect(said).toContain(part);
  });

  test("answers are for the one who asked, and leave nothing in the channel", async () => {
    const before = await ben.sees("#ops");
    const heard = (await ben.whispers("#ops")).length;
    await says(ana, "/day2 whatever");
    expect(await ben.sees("#ops")).toEqual(before);
    expect(await ben.whispers("#ops")).toHaveLength(heard);
  });

  test("what a phone makes of it is understood", async () => {
    expect(await says(ana, "/day2 Ack #1")).toContain("You have seen #1.");
    expect(await says(ana, "/day2 SNOOZE  # 1  2H “waiting for parts”")).toContain("#1 is snoozed");
    expect(await says(ana, "/day2 renew–cert blog")).toContain("`renew-cert` has nothing to act on");
    expect(await says(ana, "/day2 hand-off #1 to @Ben it’s the RAID")).toContain("#1 is handed off");
    await bot.settle();
    expect(await thread(1)).toEqual([
      "Ana has seen it",
      expect.stringMatching(/^Ana snoozed it until .*: waiting for parts$/),
      "Ana handed it to Ben: it’s the RAID\n@ben, it is yours now",
    ]);
  });

  test("what people write comes out as they wrote it, and calls nobody", async () => {
    await says(
      ana,
      "/day2 note #2 R&D <said> see https://wiki.example/a?x=1&y=2 or docs.example.com, mail ops@example.com",
    );
    await says(ana, "/day2 note #2 <!channel> <!here> @here look, @ben and *everybody* in #shop `rm -rf`");
    await ana.clicks(await card(2), "Resolve…");
    const form = await ana.modal("Resolve #2");
    await (await form.fills({ "Why is it done?": "A & B <b>, https://x.example/?a=1&b=2 <!everyone>" })).submits();
    await bot.settle();
    expect(await thread(2)).toEqual([
      "Ana on it: R&D <said> see https://wiki.example/a?x=1&y=2 or docs.example.com, mail ops@example.com",
      "Ana on it: @channel @here @here look, @ben and ∗everybody∗ in #shop ‵rm -rf‵",
      "Ana resolved it: A & B <b>, https://x.example/?a=1&b=2 <!everyone>",
    ]);
    const sent = JSON.stringify((await rae.sees("#ops", await card(2))).map((each) => each.raw));
    expect(sent).not.toMatch(/<!(channel|here|everyone)|<@U0BEN>/);
  });

  test("Home lists mine and nobody's; each button works and Home is drawn anew", async () => {
    const home = await ben.home();
    expect(home.plain).toMatch(/\*Yours\* \(1\)[^]*#1 shop[^]*\*Nobody's\* \(1\)[^]*#3 shop/);
    await redrawn(() => ben.clicks(home, "Take it"));
    expect((await ben.homeNow())?.plain).toMatch(/\*Yours\* \(2\)[^]*Everything has an owner/);

    await ben.clicks(await drawn(), "Note…");
    const note = await ben.modal("Note on #1");
    await redrawn(async () => (await note.fills({ Note: "from Home" })).submits());
    await ben.clicks(await drawn(), "Resolve…");
    const form = await ben.modal("Resolve #1");
    await redrawn(async () => (await form.fills({ "Why is it done?": "swapped" })).submits());
    expect((await drawn()).plain).toMatch(/\*Yours\* \(1\)/);
    expect((await drawn()).plain).toContain("*Done in the last day*\n✅ #1 shop");
    await bot.settle();
    expect((await thread(1)).slice(-2)).toEqual(["Ben on it: from Home", "Ben resolved it: swapped"]);
  });

  test("a press that comes too late on Home says so in a window, and Home is put right", async () => {
    const stale = await ana.home();
    expect(stale.plain).toContain("Everything has an owner");
    await ben.asks("/day2 note #3 one moment");
    await says(ben, "/day2 handoff #3 @ana yours for now");
    const home = await ana.home();
    await says(ben, "/day2 resolve #3 done meanwhile");
    await redrawn(() => ana.clicks(home, "Snooze…"), ana);
    expect((await ana.modal("Daytwo")).plain).toContain("#3 is resolved already.");
    expect((await ana.homeNow())?.plain).toContain("Nothing. Enjoy the quiet.");
  });

  test("a message becomes an item", async () => {
    const { ts } = await rae.says("the <b>queue</b> & its friends hang: https://graph.example/?q=1&w=2", {
      in: "#shop",
    });
    const message = await ana.waitsFor("#shop", (each) => each.ts === ts);
    await rae.uses("Make this an item", message);
    expect((await rae.waitsFor("#shop", (each) => each.ephemeral)).plain).toContain(
      "takes the role operator; yours is reader",
    );

    await ana.uses("Make this an item", message);
    const form = await ana.modal("New item");
    expect(JSON.stringify(form.blocks)).toContain(
      "the <b>queue</b> & its friends hang: https://graph.example/?q=1&w=2",
    );
    expect(await (await form.fills({ "Which service?": "The shop" })).submits()).toEqual({ ok: true });
    await bot.settle();
    const opened = await rae.waitsFor("#ops", (each) => each.plain.includes("queue</b> & its friends"));
    expect(opened.plain).toContain("#4 The shop");
    expect(opened.plain).toMatch(/said in: https?:.*\/archives\/C0SHOP\/p\d+/);
    await ben.clicks(opened, "Take it");
    await bot.settle();
    expect((await rae.rereads(opened)).plain).toContain("Owner: @ben (took it");
    expect(await says(ana, "/day2 audit #4")).toMatch(
      /Ben took #4 · by button[^]*Ana opened #4: the <b>queue<\/b> & .* · by modal/,
    );
  });

  async function card(id: number): Promise<Seen> {
    return rae.waitsFor("#ops", (message) => message.plain.includes(`#${id} The shop`));
  }

  async function thread(id: number): Promise<string[]> {
    return (await rae.sees("#ops", await card(id))).slice(1).map((message) => message.plain);
  }

  async function drawn(who = ben) {
    const home = await who.homeNow();
    if (home === null) throw new Error("there is no Home yet");
    return home;
  }

  /** Does something whose every consequence is drawn, the opening of a form before it among them. */
  async function redrawn(act: () => Promise<unknown>, who = ben): Promise<void> {
    await bot.settle();
    const before = (await drawn(who)).raw["hash"];
    await act();
    await bot.settle();
    expect((await drawn(who)).raw["hash"]).not.toBe(before);
  }
});
