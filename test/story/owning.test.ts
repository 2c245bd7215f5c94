import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PAIRS, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Actor, Seen } from "../support/slack.ts";

/** Items find their owner, change hands, wait, come back and are done; everybody sees it on the card and in its thread. */

const HOUR = 3_600_000;
const FINE = 10;
const FULL = 2_000;
const OVERFLOWING = 5_000;

let folders: TestFolder;

beforeAll(async () => {
  folders = await openFolders();
});
afterAll(() => folders.close());

/** One item a folder; each scene has its own. */
const SCENES = [
  "taken",
  "race",
  "mention",
  "homely",
  "seen",
  "handed",
  "aside",
  "closed",
  "worse",
  "alone",
  "again",
  "critical",
] as const;
type Scene = (typeof SCENES)[number];

function catalog(): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, teams: [web], role: operator }
  ben: { name: Ben, slack: U0BEN, role: admin }
  rae: { name: Rae, slack: U0RAE, role: reader }
teams: { web: { name: Web team } }
services:
  shop:
    owner: nobody
    channel: "#shop"
    checks:
      ownership: off
      folder-size:
${SCENES.map((scene) => `        - { name: ${scene}, path: "${folders.path(scene)}", warning: 1000, critical: 4000, every: 10s, successes: 1 }`).join("\n")}
`;
}

describe.each(PAIRS)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let ana: Actor;
  let ben: Actor;
  let rae: Actor;

  beforeAll(async () => {
    await Promise.all(SCENES.map((scene) => folders.holds(scene, FINE)));
    bot = await startBot(pair, { catalog: catalog() });
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
    rae = bot.slack.as("rae");
    await bot.passes(20_000);
  });
  afterAll(() => bot.close());

  /** The folder fills beyond its limit, and the item's card appears. */
  async function opens(scene: Scene, bytes = FULL): Promise<{ card: Seen; id: number }> {
    await becomes(scene, bytes);
    const card = await rae.waitsFor(
      "#shop",
      (message) => message.plain.includes(`${scene} holds`) && !message.plain.includes("Resolved"),
    );
    return { card, id: Number(/#(\d+)/.exec(card.plain)?.[1]) };
  }

  async function becomes(scene: Scene, bytes: number): Promise<void> {
    await folders.holds(scene, bytes);
    await bot.passes(10_000);
  }

  /** What its thread says, oldest first, without the card itself. */
  async function thread(card: Seen): Promise<string[]> {
    return (await rae.sees("#shop", card)).slice(1).map((message) => message.plain);
  }

  async function audit(id: number): Promise<string> {
    return (await ben.asks(`/day2 audit #${id}`)).plain;
  }

  test("the button takes it, for everybody to see", async () => {
    const { card, id } = await opens("taken");
    expect(card.plain).toContain("Owner: nobody");
    await ana.clicks(card, "Take it");
    await bot.settle();
    const taken = await rae.rereads(card);
    expect(taken.plain).toMatch(/Owner: @ana \(took it/);
    expect(taken.buttons).not.toContain("Take it");
    expect(taken.buttons).not.toContain("Seen, not mine");
    expect(await thread(card)).toEqual(["Ana took it"]);
    expect(await audit(id)).toContain(`Ana took #${id} · by button`);
  });

  test("by verb, and whoever comes second hears who was first", async () => {
    const { card, id } = await opens("race");
    expect((await ana.asks(`/day2 own #${id}`)).plain).toBe(`#${id} is yours. Its card says so for everybody.`);
    await bot.settle();
    expect((await rae.rereads(card)).plain).toContain("Owner: @ana (took it");
    const told = await ben.asks(`/day2 take #${id}`);
    expect(told.plain).toContain(`Ana took #${id} first.`);
    expect(told.plain).toContain(`/day2 handoff #${id}`);
    expect((await ana.asks(`/day2 own #${id}`)).plain).toContain(`#${id} is yours already.`);
    expect(await thread(card)).toEqual(["Ana took it"]);
    expect((await audit(id)).match(/took #/g)).toHaveLength(1);
  });

  test("by a mention in its thread, where no command can be typed", async () => {
    const { card, id } = await opens("mention");
    expect((await ana.types("/day2 own", { in: "#shop", thread: card })).error).toContain("not supported in threads");
    await ben.says("<@UDAYTWO> own", { in: "#shop", thread: card });
    await ben.says(`${mentionOfBot()} own`, { in: "#shop", thread: card });
    await ben.waitsFor("#shop", (message) => message.ephemeral && message.plain.includes(`#${id} is yours`), {
      thread: card,
    });
    await bot.settle();
    expect((await rae.rereads(card)).plain).toContain("Owner: @ben (took it");
    expect(await audit(id)).toContain(`Ben took #${id} · by mention`);
  });

  test("by the button on Home, which is drawn anew", async () => {
    const { card, id } = await opens("homely");
    const before = await ana.home();
    expect(before.plain).toContain(`#${id} shop`);
    const nobodys = before.buttons.filter((label) => label === "Take it").length;
    await ana.clicks(before, "Take it");
    await bot.settle();
    const after = await ana.homeNow();
    expect(after?.buttons.filter((label) => label === "Take it")).toHaveLength(nobodys - 1);
    expect((await rae.rereads(card)).plain).toContain("Owner: @ana (took it");
  });

  test("seen, not mine: the owner stays nobody, and after a day it asks again", async () => {
    const { card, id } = await opens("seen");
    await ana.clicks(card, "Seen, not mine");
    await bot.settle();
    const seen = await rae.rereads(card);
    expect(seen.plain).toContain("Owner: nobody");
    expect(seen.plain).toContain("Seen by Ana");
    expect(seen.buttons).toContain("Take it");
    expect((await ben.asks(`/day2 ack #${id}`)).plain).toContain(`Ana saw #${id} first.`);
    await bot.passes(24 * HOUR + 60_000);
    const again = await rae.rereads(card);
    expect(again.plain).not.toContain("Seen by");
    expect(again.buttons).toContain("Seen, not mine");
    expect(await thread(card)).toEqual(["Ana has seen it", "It was seen, and is still open: it asks again"]);
    expect(await audit(id)).toContain(`#${id} asks again`);
  });

  test("handed off with a note: whoever gets it is called once, whoever gives it never", async () => {
    const { card, id } = await opens("handed");
    await ana.clicks(card, "Take it");
    await bot.settle();
    await ana.clicks(await ana.rereads(card), "Hand off…");
    const form = await ana.modal(`Hand off #${id}`);
    expect(await (await form.fills({ "To whom?": "U0BEN" })).submits()).toMatchObject({ ok: false });
    const filled = await form.fills({
      "To whom?": "U0BEN",
      "What do they need to know?": "logrotate is broken, see https://wiki/x?a=1&b=2",
    });
    expect(await filled.submits()).toEqual({ ok: true });
    await bot.settle();
    const handed = await rae.rereads(card);
    expect(handed.plain).toMatch(/Owner: @ben \(since .*not confirmed yet/);
    expect(handed.buttons).toContain("I have it");
    expect((await thread(card)).at(-1)).toBe(
      "Ana handed it to Ben: logrotate is broken, see https://wiki/x?a=1&b=2\n@ben, it is yours now",
    );
    expect(await calledIn(card)).toEqual(["U0BEN"]);

    await ben.clicks(handed, "I have it");
    await bot.settle();
    expect((await rae.rereads(card)).plain).toContain("Owner: @ben (took it");
    await ben.asks(`/day2 handoff #${id} @ana all yours`);
    await bot.settle();
    expect((await rae.rereads(card)).plain).toContain("Owner: @ana (since");
    expect(await calledIn(card)).toEqual(["U0BEN", "U0ANA"]);
    expect(await audit(id)).toContain(`Ben handed #${id} to Ana: all yours · by command`);
  });

  test("put aside with a reason, it asks nobody until its time is over", async () => {
    const { card, id } = await opens("aside");
    await ana.clicks(card, "Take it");
    await bot.settle();
    await ana.clicks(await ana.rereads(card), "Snooze…");
    const form = await ana.modal(`Snooze #${id}`);
    const filled = await form.fills({
      "For how long, if it is another time": "2d",
      "Why can it wait?": "the disk is on order",
    });
    expect(await filled.submits()).toEqual({ ok: true });
    await bot.settle();
    expect((await rae.rereads(card)).plain).toContain("💤 Snoozed until");
    await bot.passes(25 * HOUR);
    expect(await thread(card)).toEqual([
      "Ana took it",
      expect.stringMatching(/^Ana snoozed it until .*: the disk is on order$/),
    ]);
    await bot.passes(24 * HOUR);
    await bot.passes(2_000);
    expect((await rae.rereads(card)).plain).not.toContain("Snoozed");
    expect(await thread(card)).toContain("The snooze is over: it is open again\n@ana, it waits for you again");
    expect((await ben.asks(`/day2 snooze #${id} 40d later`)).plain).toContain("30 days");
    expect((await ben.asks(`/day2 snooze #${id} until tomorrow 9:00 the disk comes`)).plain).toMatch(
      new RegExp(`^#${id} is snoozed until .* 09:00 \\(America/New_York\\)`),
    );
  });

  test("what is critical and nobody's is theirs who puts it aside, and calls them when it wakes", async () => {
    const { card, id } = await opens("critical", OVERFLOWING);
    await ben.asks(`/day2 snooze #${id} 2h the cleanup runs`);
    await bot.settle();
    expect((await rae.rereads(card)).plain).toMatch(/Owner: @ben .*💤 Snoozed until/s);
    await bot.passes(2 * HOUR + 1_000);
    expect(await thread(card)).toEqual([
      expect.stringMatching(/^Ben snoozed it until .*: the cleanup runs, and it is theirs$/),
      "The snooze is over: it is open again\n@ben, it waits for you again",
      "Told Ben, who has it, directly",
    ]);
  });

  test("noted and closed with a reason; while its check still fails it stays closed", async () => {
    const { card, id } = await opens("closed");
    await ana.clicks(card, "Note…");
    await (await (await ana.modal(`Note on #${id}`)).fills({ Note: "R&D <keeps> this folder" })).submits();
    await ana.clicks(card, "Resolve…");
    const form = await ana.modal(`Resolve #${id}`);
    expect(await form.submits()).toMatchObject({ ok: false });
    expect(await (await form.fills({ "Why is it done?": "moved to *cold* storage" })).submits()).toEqual({ ok: true });
    await bot.settle();
    const closed = await rae.rereads(card);
    expect(closed.plain).toMatch(/Resolved .* by Ana: moved to ∗cold∗ storage/);
    expect(closed.buttons).toEqual([]);
    expect(await thread(card)).toEqual([
      "Ana on it: R&D <keeps> this folder",
      "Ana resolved it: moved to ∗cold∗ storage",
    ]);
    await bot.passes(10_000);
    expect((await rae.rereads(card)).plain).toContain("Resolved");
    expect((await ben.asks(`/day2 own #${id}`)).plain).toContain(`#${id} is resolved already.`);
  });

  test("what gets worse asks again, and keeps its owner", async () => {
    const { card, id } = await opens("worse");
    await ana.clicks(card, "Take it");
    await bot.settle();
    await ben.asks(`/day2 snooze #${id} 4h it can wait`);
    await bot.settle();
    await becomes("worse", OVERFLOWING);
    const worse = await rae.rereads(card);
    expect(worse.plain).toMatch(/^🔴/);
    expect(worse.plain).not.toContain("Snoozed");
    expect(worse.plain).toMatch(/Owner: @ana \(since .*not confirmed yet/);
    expect(worse.buttons).toContain("I have it");
    expect((await thread(card)).slice(-2)).toEqual([
      "Got worse: it is critical now: worse holds 5 kB (limit 4 kB)",
      "Told Ana, who has it, directly",
    ]);
    expect(await audit(id)).toContain(`#${id} is critical now`);
  });

  test("it recovers while nobody looked, comes back within a day in its thread, and after that as a new item", async () => {
    const { card, id } = await opens("alone");
    await becomes("alone", FINE);
    expect((await rae.rereads(card)).plain).toMatch(/Resolved .* by itself: .*Nobody had taken it/);
    expect((await thread(card)).at(-1)).toMatch(/^Daytwo resolved it/);

    await becomes("alone", FULL);
    const back = await rae.rereads(card);
    expect(back.plain).not.toContain("Resolved");
    expect(back.buttons).toContain("Take it");
    expect((await thread(card)).at(-1)).toBe("Came back: reopened it: alone holds 2 kB (limit 1 kB)");

    await becomes("alone", FINE);
    await bot.passes(25 * HOUR);
    const next = await opens("alone");
    expect(next.id).toBeGreaterThan(id);
    expect(next.card.ts).not.toBe(card.ts);
    expect(next.card.plain).toContain(`came back after #${id}`);
    expect((await rae.rereads(card)).plain).toContain("Resolved");
  });

  test("a request that comes a second time changes nothing", async () => {
    const { card, id } = await opens("again");
    await ana.clicks(card, "Take it");
    await bot.settle();
    await ben.asks(`/day2 note #${id} once is enough`);
    await bot.settle();
    const before = await audit(id);
    const { deliveries } = await bot.slack.deliveries();
    const again = deliveries.filter(({ kind }) => kind !== "events_api").slice(-4);
    expect(new Set(again.map(({ kind }) => kind))).toEqual(new Set(["interactive", "slash_commands"]));
    for (const each of again) {
      expect(await bot.slack.replay(each.id)).toMatchObject({ acked: true });
    }
    await bot.settle();
    expect(await audit(id)).toBe(before);
    expect(await thread(card)).toEqual(["Ana took it", "Ben on it: once is enough"]);
  });

  function mentionOfBot(): string {
    return `<@${bot.bot.app.workspace.botUser}>`;
  }

  /** Whom new messages of the card's thread have called: only these notify. */
  async function calledIn(card: Seen): Promise<string[]> {
    const lines = (await rae.sees("#shop", card)).slice(1);
    return lines.flatMap((line) =>
      [...JSON.stringify(line.raw["blocks"]).matchAll(/<@(\w+)>/g)].map((match) => match[1] ?? ""),
    );
  }
});
