import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PAIRS, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import type { Actor, Seen } from "../support/slack.ts";

/** Whoever holds an item is asked in time whether they are still on it: they keep it, give it back, hand it on, or are done. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SCENES = ["kept", "back", "silent", "typed", "handed", "seen"] as const;
type Scene = (typeof SCENES)[number];

let folders: TestFolder;

beforeAll(async () => {
  folders = await openFolders();
});
afterAll(() => folders.close());

/** A warning holds for two hours here, so that its holder is asked after an hour and forty minutes. */
function catalog(): string {
  return `
acknowledge: { warning: 2h }
people:
  ana: { name: Ana, slack: U0ANA, teams: [web], role: operator }
  ben: { name: Ben, slack: U0BEN, role: admin }
  rae: { name: Rae, slack: U0RAE, role: reader }
teams: { web: { name: Web team, slack_group: S0WEB } }
services:
  shop:
    owner: team-web
    channel: "#shop"
    checks:
      ownership: off
      folder-size:
${SCENES.map((scene) => `        - { name: ${scene}, path: "${folders.path(scene)}", warning: 1000, every: 1h, successes: 1 }`).join("\n")}
`;
}

describe.each(PAIRS)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let ana: Actor;
  let ben: Actor;
  let rae: Actor;

  beforeAll(async () => {
    await Promise.all(SCENES.map((scene) => folders.holds(scene, 2_000)));
    bot = await startBot(pair, { catalog: catalog() });
    ana = bot.slack.as("ana");
    ben = bot.slack.as("ben");
    rae = bot.slack.as("rae");
    await bot.passes(20_000);
  });
  afterAll(() => bot.close());

  async function cardOf(scene: Scene): Promise<{ card: Seen; id: number }> {
    const card = await rae.waitsFor("#shop", (message) => message.plain.includes(`${scene} holds`));
    return { card, id: Number(/#(\d+)/.exec(card.plain)?.[1]) };
  }

  async function thread(card: Seen): Promise<string[]> {
    return (await rae.sees("#shop", card)).slice(1).map((message) => message.plain);
  }

  /** What somebody was asked directly about an item, oldest first; copies of its card, which say when it is due, are none. */
  async function asked(actor: Actor, id: number): Promise<Seen[]> {
    const direct = await actor.sees("@daytwo");
    return direct.filter(({ plain }) => new RegExp(String.raw`#${id} shop\b`).test(plain) && !plain.includes("\nDue "));
  }

  async function takes(actor: Actor, card: Seen): Promise<void> {
    await actor.clicks(card, "Take it");
    await bot.settle();
  }

  const QUESTION = /Are you still on it\? Until .* it is yours; then it asks everybody again\./;
  const ANSWERS = ["Still on it: 15 minutes more", "1 hour more", "1 day more", "Give it back", "Hand off…", "Done…"];

  test("asked before it ends, and kept with one press", async () => {
    const { card, id } = await cardOf("kept");
    await takes(ana, card);
    await bot.passes(99 * MINUTE);
    expect(await asked(ana, id)).toEqual([]);
    await bot.passes(2 * MINUTE);
    const [question] = await asked(ana, id);
    expect(question?.plain).toMatch(QUESTION);
    expect(question?.buttons).toEqual(ANSWERS);
    expect(await asked(ben, id)).toEqual([]);
    expect(await thread(card)).toEqual(["Ana took it"]);

    if (question === undefined) throw new Error("nobody was asked");
    await Promise.all([ana.clicks(question, "1 hour more"), ana.clicks(question, "1 hour more")]);
    await bot.settle();
    expect((await ana.whispers("@daytwo")).map(({ plain }) => plain)).toEqual([
      expect.stringContaining(`You have said so already: #${id} is yours.`),
    ]);
    const answered = await ana.rereads(question);
    expect(answered.buttons).toEqual([]);
    expect(answered.plain).toMatch(/Ana is on it until /);
    expect((await thread(card)).at(-1)).toMatch(/^Ana is on it until /);
    await bot.passes(25 * MINUTE); // past the two hours that it held at first
    expect((await rae.rereads(card)).plain).toMatch(/Owner: @ana \(took it .*; asks again /);
    await bot.passes(46 * MINUTE);
    expect(await asked(ana, id)).toHaveLength(2); // and asked again before the third hour ends
  });

  test("given back: it is whose the catalog says, who are called once", async () => {
    const { card, id } = await cardOf("back");
    await takes(ana, card);
    await bot.passes(101 * MINUTE);
    const [question] = await asked(ana, id);
    if (question === undefined) throw new Error("nobody was asked");
    await ana.clicks(question, "Give it back");
    await bot.settle();
    expect((await ana.rereads(question)).plain).toContain("Ana gave it back: Web team answers for it");
    const back = await rae.rereads(card);
    expect(back.plain).toMatch(/Owner: @\S+ \(has not taken it yet\)/);
    expect(back.buttons).toContain("Take it");
    expect((await thread(card)).at(-1)).toMatch(/^Ana gave it back: Web team answers for it\n.*, it is yours now$/);
    const told = await ana.asks(`/day2 release #${id}`);
    expect(told.plain).toContain(`Nobody has taken #${id}.`);
    expect(told.plain).toContain(`/day2 own #${id}`);
    expect((await ana.asks(`/day2 audit #${id}`)).plain).toContain(`Asked Ana whether they are still on #${id}`);
  });

  test("nobody answers: it asks again in its thread, and the owner stays", async () => {
    const { card, id } = await cardOf("silent");
    await takes(ben, card);
    await bot.passes(101 * MINUTE);
    const [question] = await asked(ben, id);
    if (question === undefined) throw new Error("nobody was asked");
    await bot.passes(20 * MINUTE);
    const silent = "Ben was asked, and did not say whether they are still on it: it asks again";
    expect((await thread(card)).at(-1)).toBe(silent);
    const again = await rae.rereads(card);
    expect(again.plain).toMatch(/Owner: @ben \(since .*, not confirmed yet\)/);
    const after = await ben.rereads(question);
    expect(after.buttons).toEqual([]);
    expect(after.plain).toContain(silent);
    await ben.clicks(again, "I have it");
    await bot.settle();
    expect((await rae.rereads(card)).plain).toMatch(/Owner: @ben \(took it/);
  });

  test("in words: for how long, longer, and back; nobody moves what another one holds", async () => {
    const { card, id } = await cardOf("typed");
    expect((await ana.asks(`/day2 ack #${id} for 12 days`)).plain).toContain("1 minute to 7 days");
    expect((await ana.asks(`/day2 ack #${id} for 30m`)).plain).toContain("It asks again in 30 minutes.");
    expect((await ana.asks(`/day2 ack #${id}`)).plain).toContain(`\`/day2 ack #${id} for 2h\` holds it longer.`);
    expect((await ben.asks(`/day2 ack #${id} for 2h`)).plain).toContain(`Ana saw #${id} first.`);
    expect((await ben.asks(`/day2 release #${id}`)).plain).toContain(`Ana has #${id}, not you.`);
    expect((await rae.asks(`/day2 release #${id}`)).plain).toContain(
      "To give items back on shop takes the role operator",
    );
    await bot.passes(26 * MINUTE);
    expect(await asked(ana, id)).toHaveLength(1);
    expect((await ana.asks(`/day2 ack #${id} for 3h`)).plain).toContain("It asks again in 3 hours.");
    await bot.settle();
    expect((await asked(ana, id)).map(({ buttons }) => buttons)).toEqual([[]]);
    await bot.passes(10 * MINUTE);
    expect((await rae.rereads(card)).plain).toContain("Seen by Ana");
    await ana.asks(`/day2 release #${id}`);
    await bot.settle();
    expect((await rae.rereads(card)).plain).not.toContain("Seen by");
    expect((await thread(card)).at(-1)).toBe("Ana is not on it any more: it waits to be seen");
  });

  test("handed on, and done, from the same message", async () => {
    const { card, id } = await cardOf("handed");
    await takes(ana, card);
    await bot.passes(101 * MINUTE);
    const [question] = await asked(ana, id);
    if (question === undefined) throw new Error("nobody was asked");
    await ana.clicks(question, "Hand off…");
    const form = await ana.modal(`Hand off #${id}`);
    await (await form.fills({ "To whom?": "U0BEN", "What do they need to know?": "my shift ends" })).submits();
    await bot.settle();
    expect((await ana.rereads(question)).plain).toContain("Ana handed it to Ben: my shift ends");
    await ben.clicks(await rae.rereads(card), "I have it");
    await bot.settle();
    await bot.passes(101 * MINUTE);
    const [his] = await asked(ben, id);
    if (his === undefined) throw new Error("nobody was asked");
    await ben.clicks(his, "Done…");
    await (await (await ben.modal(`Resolve #${id}`)).fills({ "Why is it done?": "old dumps are gone" })).submits();
    await bot.settle();
    expect((await ben.rereads(his)).plain).toContain("Ben resolved it: old dumps are gone");
    expect((await rae.rereads(card)).plain).toContain("by Ben: old dumps are gone");
  });

  test("from the card's menu: held for as long as the form says", async () => {
    const { card, id } = await cardOf("seen");
    await takes(ana, card);
    await ana.clicks(await ana.rereads(card), "Hold it for…");
    const form = await ana.modal(`Hold #${id}`);
    expect(await (await form.fills({ "Or another time": "9 days" })).submits()).toMatchObject({ ok: false });
    expect(await (await form.fills({ "Or another time": "6h" })).submits()).toEqual({ ok: true });
    await bot.settle();
    await bot.passes(4 * HOUR);
    expect(await asked(ana, id)).toEqual([]);
    expect((await rae.rereads(card)).plain).toMatch(/Owner: @ana \(took it .*; asks again/);
  });
});
