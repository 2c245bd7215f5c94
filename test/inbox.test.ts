import type { ReceiverEvent } from "@slack/bolt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openIntake } from "../handlers/intake.ts";
import type { Body } from "../handlers/request-key.ts";
import type { App } from "../src/app.ts";
import * as inbox from "../src/inbox.ts";
import { close, count, itemCard, open, type Open } from "./support/open.ts";

/** What Slack was told that we have is kept until it is done: once, by whoever is left, and not for ever. */

const SECOND = 1_000;
const DAY = 86_400_000;

/** A command as Slack sends it. */
function command(trigger: string, text = "help"): Body {
  const where = { user_id: "U0ANA", team_id: "T0LOCAL", channel_id: "C0OPS" };
  return { command: "/day2", text, trigger_id: trigger, ...where };
}

function received(trigger: string, text?: string): inbox.Received {
  return { key: `trigger:${trigger}`, kind: "command", body: command(trigger, text) };
}

test("what a process left behind when it died is done by the bot after all", async () => {
  const under = await open("socket");
  const [ana, ben] = [under.bot.slack.as("ana"), under.bot.slack.as("ben")];
  const card = await itemCard(under, "the disk fills");
  await ben.clicks(card, "Snooze…");
  await (await ben.modal()).closes();
  const keeper = inbox.openInbox(under.bot.bot.app);
  await keeper.record(received("died.1"));
  await under.pool.query("update inbox set handled_at = null where kind = 'action'");
  under.bot.advance(16 * SECOND);

  await ana.waitsFor("#ops", (each) => each.ephemeral && each.plain.includes("Take care"));
  // A form needs a trigger, which lives for three seconds.
  await ben.waitsFor("#ops", (each) => each.ephemeral && each.plain.includes("could not be opened in time"));
  expect(await ben.modals()).toEqual([]);
  // Somebody was faster: that is told as ever.
  await ben.asks("/day2 resolve #1 there is room again");
  await keeper.record(received("died.2", "resolve #1 I made room"));
  under.bot.advance(16 * SECOND);
  await ana.waitsFor("#ops", (each) => each.ephemeral && /#1 (is|was) resolved already/.test(each.plain));
  await expect.poll(() => count(under, "inbox where handled_at is null")).toBe(0);
  await close(under);
});

describe("what is kept", () => {
  let under: Open;
  let app: App;
  let given: { key: unknown; replayed: unknown; body: unknown }[] = [];
  beforeAll(async () => {
    under = await open("http"); // its own intake waits for requests that never come
    await under.bot.stop();
  });
  beforeEach(async () => {
    given = [];
    app = { ...under.bot.bot.app, db: under.pool };
    await under.pool.query("delete from inbox");
  });
  afterAll(() => close(under));

  /** Takes notice of what it is given, and finishes nothing. */
  const forgetful = {
    processEvent({ body, customProperties }: ReceiverEvent): Promise<void> {
      const claim = customProperties?.["claim"] as inbox.Claim | undefined;
      given.push({ key: claim?.key, replayed: claim?.attempts !== 0, body });
      return Promise.resolve();
    },
  };
  async function answer(): Promise<void> {}

  test("comes as it was sent, with its key, after a quarter of a minute", async () => {
    const intake = openIntake(app, forgetful);
    expect(await intake.take(command("1.1"), answer)).toBe(true);
    await intake.idle();
    under.bot.advance(14 * SECOND);
    await intake.replay();
    under.bot.advance(2 * SECOND);
    await intake.replay();
    expect(given).toEqual([
      { key: "trigger:1.1", replayed: false, body: command("1.1") },
      { key: "trigger:1.1", replayed: true, body: command("1.1") },
    ]);
  });

  test("is tried again and again, further and further apart", async () => {
    await inbox.openInbox(app).record(received("2.1"));
    const intake = openIntake(app, forgetful);
    const tries: number[] = [];
    for (let second = 0; second < 1_000; second += 5) {
      under.bot.advance(5 * SECOND);
      const before = given.length;
      await intake.replay();
      if (given.length > before) tries.push(second + 5);
    }
    expect(tries.map((at) => at - (at % 15))).toEqual([15, 60, 240, 960]);
    expect(await count(under, "inbox where handled_at is null and attempts = 4")).toBe(1);
  });

  test("goes to one of many that ask at once", async () => {
    const keeper = inbox.openInbox(app);
    await Promise.all(Array.from({ length: 30 }, (_, n) => keeper.record(received(`3.${n}`))));
    under.bot.advance(16 * SECOND);
    const intakes = Array.from({ length: 5 }, () => openIntake(app, forgetful));
    await Promise.all(intakes.map((intake) => intake.replay()));
    expect(given).toHaveLength(30);
    expect(new Set(given.map(({ key }) => key)).size).toBe(30);
  });

  test("is not tried again once it is done or refused", async () => {
    const keeper = inbox.openInbox(app);
    await keeper.record(received("4.1"));
    await keeper.record(received("4.2"));
    await inbox.done(app, inbox.firstClaim(app, "trigger:4.1"));
    await inbox.failed(app, inbox.firstClaim(app, "trigger:4.2"), "There is no item #7.");
    under.bot.advance(16 * SECOND);
    await openIntake(app, forgetful).replay();
    expect(given).toEqual([]);
  });

  test("counts as new again only when nothing came of it", async () => {
    const keeper = inbox.openInbox(app);
    await keeper.record(received("5.1"));
    const claim = inbox.firstClaim(app, "trigger:5.1");
    await inbox.release(app, claim);
    expect(await keeper.record(received("5.1"))).toBe(true);
    await inbox.done(app, claim);
    await inbox.release(app, claim);
    expect(await keeper.record(received("5.1"))).toBe(false);
  });

  test("loses its body after a day, and is known for a week more", async () => {
    const keeper = inbox.openInbox(app);
    await keeper.record(received("6.1"));
    under.bot.advance(DAY - SECOND);
    await inbox.forget(app);
    expect(await count(under, "inbox where body is not null")).toBe(1);
    under.bot.advance(2 * SECOND);
    await inbox.forget(app);
    expect(await count(under, "inbox where body is null")).toBe(1);
    expect(await keeper.record(received("6.1"))).toBe(false);
    under.bot.advance(7 * DAY);
    await inbox.forget(app);
    expect(await keeper.record(received("6.1"))).toBe(true);
  });

  test("many at once go in few statements, and each is new exactly once", async () => {
    let statements = 0;
    const keeper = inbox.openInbox({
      now: app.now,
      get db() {
        statements += 1;
        return under.pool;
      },
    });
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, n) => keeper.record(received(`7.${n % 400}`))));
    expect(answers.filter((isNew) => isNew)).toHaveLength(400);
    expect(await count(under, "inbox")).toBe(400);
    expect(statements).toBeLessThan(10);
  });

  test("what is being written presses as much as what waits", async () => {
    const writing = Promise.withResolvers<void>();
    const keeper = inbox.openInbox({
      now: app.now,
      get db() {
        writing.resolve();
        return under.pool;
      },
    });
    const kept = Promise.all(Array.from({ length: 30 }, (_, n) => keeper.record(received(`press.${n}`))));
    await writing.promise;
    expect(keeper.pressure()).toBe(30);
    await kept;
  });

  test("nothing is promised while it cannot be kept, and everything again afterwards", async () => {
    const keeper = inbox.openInbox(app);
    const intake = openIntake(app, forgetful);
    await under.pool.query("alter table inbox rename to elsewhere");
    const answered: string[] = [];
    const refused = await Promise.allSettled([
      keeper.record(received("8.1")),
      intake.take(command("8.2"), () => Promise.resolve(void answered.push("8.2"))),
    ]);
    await under.pool.query("alter table elsewhere rename to inbox");
    expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect([answered, given]).toEqual([[], []]);
    expect(await keeper.record(received("8.1"))).toBe(true);
    expect(await intake.take(command("8.2"), () => Promise.reject(new Error("the line is dead")))).toBe(true);
    await intake.idle();
    expect(given.map(({ key }) => key)).toEqual(["trigger:8.2"]); // kept, so done, although nobody heard the answer
  });
});
