import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAlarms, NTFY_TOKEN, ROUTING_KEY, WEBHOOK_SECRET, type Alarms } from "../support/alarms.ts";
import { PAIRS, startBot, type TestBot } from "../support/bot.ts";
import { openFolders, type TestFolder } from "../support/folder.ts";
import { SEED, type Actor, type Seen } from "../support/slack.ts";

/** An item tells one after another, in Slack and outside it, until somebody acts; and those who are on call change. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FINE = 10;
const FULL = 2_000;
const OVERFLOWING = 5_000;
/** Friday, 02:10 in Paris. */
const NIGHT = new Date("2036-11-28T01:10:00Z");

let folders: TestFolder;
let alarms: Alarms;

beforeAll(async () => {
  folders = await openFolders();
  alarms = await openAlarms();
  process.env["ALARM_KEY"] = ROUTING_KEY;
  process.env["ALARM_TOPIC"] = `${alarms.url}/ntfy/shop-cho`;
  process.env["ALARM_TOKEN"] = NTFY_TOKEN;
  process.env["ALARM_SECRET"] = WEBHOOK_SECRET;
});
afterAll(async () => {
  await folders.close();
  await alarms.close();
});

const SCENES = ["night", "quiet", "showing", "left", "nobody", "given"] as const;
type Scene = (typeof SCENES)[number];

function catalog(): string {
  const wakes = {
    ben: `{ pagerduty: { routing_key: { env: ALARM_KEY }, url: "${alarms.url}" } }`,
    cho: "{ ntfy: { url: { env: ALARM_TOPIC }, token: { env: ALARM_TOKEN } } }",
    web: `{ webhook: { url: "${alarms.url}/hook", secret: { env: ALARM_SECRET } } }`,
  };
  return `
people:
  ana: { name: Ana, slack: U0ANA, teams: [web], role: operator, zone: Europe/Paris }
  ben: { name: Ben, slack: U0BEN, teams: [web], role: admin, wake: ${wakes.ben} }
  cho: { name: Cho, slack: U0CHO, teams: [web], role: operator, wake: ${wakes.cho} }
  dan: { name: Dan, slack: U0DAN, role: operator }
  rae: { name: Rae, slack: U0RAE, role: reader }
teams: { web: { name: Web team } }
working_hours: { zone: UTC }
rotations:
  web: { name: Web, members: [ben, cho, dan], zone: Europe/Paris, handover: mon 09:00, from: "2036-11-24", channel: "#shop", slack_group: S0WEB, wake: ${wakes.web} }
  nights: { name: Nights, members: [rae] }
services:
  shop:
    owner: ana
    responsibilities: { on-call: rotation-web }
    channel: "#shop"
    checks:
      ownership: off
      folder-size:
${SCENES.map((scene) => `        - { name: ${scene}, path: "${folders.path(scene)}", warning: 1000, critical: 4000, every: 10s, failures: 1, successes: 1${scene === "left" || scene === "nobody" ? ", responsibility: on-call" : ""} }`).join("\n")}
`;
}

describe.each(PAIRS)("over $transport with the queue on $queue", (pair) => {
  let bot: TestBot;
  let ana: Actor;
  let ben: Actor;
  let cho: Actor;
  let dan: Actor;
  let rae: Actor;

  beforeAll(async () => {
    await Promise.all(SCENES.map((scene) => folders.holds(scene, FINE)));
    alarms.heard.length = 0;
    bot = await startBot(pair, {
      catalog: catalog(),
      start: NIGHT,
      slack: {
        seed: {
          people: [
            ...SEED.people,
            { id: "U0CHO", name: "cho", realName: "Cho Chen", kind: "member", tz: "Europe/Paris" },
            { id: "U0DAN", name: "dan", realName: "Dan Dale", kind: "member", tz: "Europe/Paris" },
          ],
        },
      },
    });
    [ana, ben, cho, dan, rae] = ["ana", "ben", "U0CHO", "U0DAN", "rae"].map((name) => bot.slack.as(name)) as [
      Actor,
      Actor,
      Actor,
      Actor,
      Actor,
    ];
    await bot.passes(10_000);
  });
  afterAll(() => bot.close());

  async function opens(scene: Scene, bytes: number): Promise<{ card: Seen; id: number }> {
    await folders.holds(scene, bytes);
    await bot.passes(10_000);
    const card = await rae.waitsFor("#shop", ({ plain }) => plain.includes(`${scene} holds`));
    return { card, id: Number(/#(\d+)/.exec(card.plain)?.[1]) };
  }

  async function isWell(scene: Scene): Promise<void> {
    await folders.holds(scene, FINE);
    await bot.passes(10_000);
  }

  async function directly(who: Actor): Promise<string[]> {
    return (await who.sees("@daytwo")).map(({ plain }) => plain);
  }

  async function thread(card: Seen): Promise<string[]> {
    return (await rae.sees("#shop", card)).slice(1).map(({ plain }) => plain);
  }

  test("critical at night: one after another is told and woken, until somebody takes it", async () => {
    const { card, id } = await opens("night", OVERFLOWING);
    expect(card.plain).toContain("Owner: @ana (has not taken it yet)");
    expect((await directly(ana))[0]).toContain(`🔴 *#${id} shop*`);
    expect((await rae.rereads(card)).plain).toContain("📣 Nobody has acted; told Ana\n");

    await bot.passes(10 * MINUTE);
    expect((await directly(ana)).at(-1)).toContain(`⏰ *#${id} shop* still waits for somebody`);
    expect([await directly(ben), alarms.heard]).toEqual([[], []]);

    await bot.passes(5 * MINUTE);
    const [copy] = await ben.sees("@daytwo");
    expect(copy?.plain).toContain(`🔴 *#${id} shop*`);
    expect(alarms.heard).toEqual([expect.stringMatching(new RegExp(`^pagerduty trigger #${id} shop: .*night holds`))]);

    alarms.fail(503, 1);
    await bot.passes(10 * MINUTE);
    await bot.passes(MINUTE);
    expect(alarms.heard.slice(1)).toEqual([expect.stringMatching(new RegExp(`^ntfy shop-cho 5 #${id} shop: `))]);
    expect(await directly(dan)).toEqual([]);

    expect(await ben.clicks(copy as Seen, "Take it")).toMatchObject({ ok: true });
    await bot.settle();
    await bot.passes(30 * MINUTE);
    expect((await rae.rereads(card)).plain).toMatch(/Owner: @ben \(took it/);
    expect((await rae.rereads(card)).plain).not.toContain("📣");
    expect(alarms.heard.slice(2)).toEqual(["pagerduty acknowledge"]);
    expect((await directly(ana))[0]).toContain("Owner: @ben (took it");
    expect(await directly(dan)).toEqual([]);
    expect(await thread(card)).toEqual([
      "Told Ana, who has it, directly",
      "Told Ana, who has it, directly again",
      "Told Ben, on call, directly",
      "Ben was woken by PagerDuty",
      "Told Cho, next in turn, directly",
      "Cho was woken by ntfy",
      "Ben took it",
    ]);

    await isWell("night");
    expect(alarms.heard.slice(3)).toEqual(["pagerduty resolve"]);
    expect(alarms.refused).toEqual([]);
  });

  test("a warning at night calls nobody before the morning", async () => {
    const before = (await directly(ana)).length;
    const { card, id } = await opens("quiet", FULL);
    expect(card.plain).toContain("Owner: Ana (has not taken it yet)");
    await bot.passes(5 * HOUR);
    expect((await directly(ana)).length).toBe(before);
    await bot.passes(2 * HOUR);
    expect((await directly(ana)).slice(before)).toEqual([expect.stringContaining(`🟡 *#${id} shop*`)]);
    expect(await thread(card)).toEqual(["Told Ana, who has it, directly"]);
    await ana.asks(`/day2 snooze #${id} 3d not now`);
    await bot.passes(2 * 24 * HOUR);
    expect((await thread(card)).slice(1)).toEqual([expect.stringMatching(/^Ana snoozed it/)]);
    await isWell("quiet");
  });

  test("who shows in Slack that they are away is passed over, and the item says so; whoever is on call is called all the same", async () => {
    const monday = new Date("2036-12-08T08:00:00Z").getTime() / 1_000;
    await bot.slack.person({ id: "U0ANA", status: { text: "*Plage*", emoji: ":palm_tree:", expiration: monday } });
    const before = (await directly(ana)).length;
    const { card, id } = await opens("showing", OVERFLOWING);
    const isAsked = (await bot.slack.calls("users.info")).length;
    await bot.passes(9 * MINUTE);
    expect((await bot.slack.calls("users.info")).length).toBe(isAsked);

    await bot.slack.person({
      id: "U0BEN",
      status: { text: "Out sick", emoji: ":face_with_thermometer:", expiration: 0 },
    });
    await bot.passes(2 * MINUTE);
    const plage = "Ana is away (∗Plage∗, until 2036-12-08 08:00 UTC)";
    const lines = await thread(card);
    expect(lines.slice(0, 3)).toEqual([
      `${plage}: told Ben, on call, directly`,
      "Ben was woken by PagerDuty",
      `${plage}; Ben is away (Out sick) and on call: told Ben, Cho, on call, directly`,
    ]);
    expect(lines.slice(3).toSorted()).toEqual(["Ben was woken by PagerDuty", "Cho was woken by ntfy"]);
    expect((await directly(ana)).length).toBe(before);
    await ben.asks(`/day2 own #${id}`);
    for (const who of ["U0ANA", "U0BEN"])
      await bot.slack.person({ id: who, status: { text: "", emoji: "", expiration: 0 } });
    await isWell("showing");
  });

  test("who is on call changes by a word in Slack, when somebody leaves, and is away", async () => {
    expect((await rae.asks("/day2 oncall")).plain).toMatch(/Web\* \(shop\): Ben until .*, then Cho/);
    expect((await rae.asks("/day2 cover @ben until tue 09:00")).plain).toContain("takes the role operator");
    expect((await ana.asks("/day2 oncall web @dan until tue")).plain).toContain("takes the role approver");
    expect((await ana.asks("/day2 window shop sat 22:00 for 2h deploy")).plain).toContain("(Europe/Paris)");
    const covered = await cho.asks("/day2 cover @ben until tue 09:00");
    expect(covered.plain).toMatch(/Web\* \(shop\): Cho until 2036-12-08 08:00 UTC, then Dan/);
    expect(covered.plain).toContain("↳ Cho takes the turns of Ben until");
    await bot.passes(MINUTE);
    await rae.waitsFor("#shop", ({ plain }) => plain.startsWith("📟 @cho is on call for *Web* until"));
    await bot.passes(MINUTE);
    const shown = await bot.bot.app.slack.call("usergroups.users.list", { usergroup: "S0WEB" });
    expect(shown["users"]).toEqual(["U0CHO"]);

    const { card } = await opens("left", OVERFLOWING);
    expect((await directly(cho)).at(-1)).toContain("left holds");
    await bot.slack.person({ id: "U0CHO", kind: "deactivated" });
    await bot.passes(11 * MINUTE);
    expect((await ben.asks("/day2 away until wed")).plain).toContain(
      "You are away until Wed 3 Dec 09:00 (America/New_York)",
    );
    await bot.passes(MINUTE);
    const [copy] = await dan.sees("@daytwo");
    expect((await dan.home()).plain).toMatch(/You are on call for Web\* until 2036-12-15/);
    expect((await dan.clicks(copy as Seen, "Take it")).ok).toBe(true);
    await bot.settle();
    await bot.passes(MINUTE);
    expect(await thread(card)).toEqual([
      "Told Cho, who has it, directly",
      "Cho was woken by ntfy",
      "The turn is over: it goes to Ben",
      "Told Ben, who has it, directly",
      "Ben was woken by PagerDuty",
      "The turn is over: it goes to Dan",
      "Told Dan, who has it, directly",
      "Dan was woken by a webhook",
      "Dan took it",
    ]);
    expect(alarms.heard.slice(-2).toSorted()).toEqual([
      "pagerduty acknowledge",
      expect.stringMatching(/^webhook alarm.acknowledge #/),
    ]);
    const said = await ben.asks("/day2 audit");
    expect(said.plain).toContain("Cho put Cho on call for Web for Ben until");
    await isWell("left");
  });

  test("where nobody acts, the channel is called at last, and reminders go on", async () => {
    const { card } = await opens("nobody", OVERFLOWING);
    for (const minutes of [10, 5, 10, 10, 10, 30]) await bot.passes(minutes * MINUTE);
    expect(await thread(card)).toEqual([
      "Told Dan, who has it, directly",
      "Dan was woken by a webhook",
      "Told Dan, who has it, directly again",
      "Dan was woken by a webhook",
      expect.stringContaining("Nobody has acted: told the whole channel"),
      "Told Dan, on call, directly again",
      "Dan was woken by a webhook",
    ]);
    await rae.waitsFor("#shop", ({ plain }) => plain.includes("<!channel>") || plain.includes("@channel"));
    expect(alarms.refused).toEqual([]);
  });

  test("a responsibility is given to a rotation in Slack, until the file has that rotation no more", async () => {
    await isWell("nobody"); // else its card tells of the other one too
    expect((await ben.asks("/day2 assign shop disk-and-logs rotation-night")).plain).toContain(
      "Did you mean `nights`?",
    );
    await ben.asks("/day2 assign shop disk-and-logs rotation-nights");
    expect((await rae.asks("/day2 owners shop")).plain).toMatch(
      /↳ disk-and-logs: rotation-nights since .*, by Ben; the catalog says ana/,
    );
    const { card } = await opens("given", FULL);
    expect(card.plain).toMatch(/Owner: (@rae|Rae)/);
    await bot.follows(catalog().replace(/^ {2}nights: .*\n/m, ""));
    expect((await rae.asks("/day2 owners shop")).plain).not.toContain("↳");
    expect((await ben.asks("/day2 audit shop")).plain).toContain(
      "What was said here about disk-and-logs ended: the catalog holds again",
    );
  });
});
