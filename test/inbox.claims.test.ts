import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { register } from "../handlers/index.ts";
import { openIntake, type Intake } from "../handlers/intake.ts";
import { httpEntrance } from "../handlers/receiver.ts";
import type { App } from "../src/app.ts";
import { importText } from "../src/in-force/import.ts";
import * as inbox from "../src/inbox.ts";
import { isDoneWithin } from "../src/wait.ts";
import { openAppAlone } from "./support/app-alone.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { holdRows, onDatabase } from "./support/server.ts";
import { openSlack, type Slack } from "./support/slack.ts";
import { until } from "./support/until.ts";

/** Three processes over one database: whoever takes up what nobody finished has it alone, and alone answers it. */

const SECOND = 1_000;
const MINUTE = 60_000;
const SOON = 2_000; // ms that a look takes which finds nothing

let slack: Slack;
let database: TestDatabase;
let apps: readonly App[];
let offset = 0;
let letGo: (() => Promise<void>) | undefined;

beforeAll(async () => {
  [slack, database] = await Promise.all([openSlack(), cloneDatabase()]);
  apps = await Promise.all(
    [1, 2, 3].map(() => openAppAlone(database.url, slack, { now: () => new Date(Date.now() + offset) })),
  );
  await importText(appOf(0), "daytwo.yaml", "people: { ana: { name: Ana, slack: U0ANA, role: operator } }\n");
  for (const app of apps) await app.followCatalog();
});
afterEach(() => letGo?.());
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
  await slack.close();
  await database.drop();
});

function appOf(n: number): App {
  const app = apps[n];
  if (app === undefined) throw new Error(`there is no process ${n}`);
  return app;
}

/** The way into a process, with all its handlers behind it. */
function intakeOf(n: number): Intake {
  const entrance = httpEntrance(appOf(n), "a secret that nothing is signed with");
  register(appOf(n), entrance, slack.apiUrl);
  return entrance.intake();
}

/** A process that is killed as soon as it has taken something up. */
function dying(): Intake {
  return openIntake(appOf(0), { processEvent: () => new Promise(() => undefined) });
}

function advance(ms: number): void {
  offset += ms;
}

/** What Ana asks: what needs her now. */
function question(trigger: string): inbox.Received {
  const where = { user_id: "U0ANA", team_id: "T0LOCAL", channel_id: "C0OPS" };
  return {
    key: `trigger:${trigger}`,
    kind: "command",
    body: { command: "/day2", text: "", trigger_id: trigger, ...where },
  };
}

/** Its receiver kept it, and died. */
function isKept(trigger: string): Promise<boolean> {
  return inbox.openInbox(appOf(0)).record(question(trigger));
}

/** Its receiver has it. */
async function isSent(to: Intake, trigger: string): Promise<void> {
  expect(await to.take(question(trigger).body, () => Promise.resolve())).toBe(true);
}

async function rowOf(trigger: string): Promise<Record<string, unknown>> {
  const key = question(trigger).key;
  const [row] = await onDatabase(database.url, "select * from daytwo.inbox where key = $1", [key]);
  return row as Record<string, unknown>;
}

function isTakenUp(trigger: string, times: number): Promise<void> {
  return until(`try ${times}`, async () => (await rowOf(trigger))["attempts"] === times);
}

/** From here on questions can be read, but not answered, until `letGo`. */
async function holdAnswers(): Promise<void> {
  letGo = await holdRows(database.url, "lock table daytwo.items in access exclusive mode");
}

/** What Ana is told meanwhile. */
async function told(work: () => Promise<unknown>): Promise<string[]> {
  const before = new Set((await slack.as("ana").whispers("#ops")).map(({ ts }) => ts));
  await work();
  const whispers = await slack.as("ana").whispers("#ops");
  return whispers.filter(({ ts }) => !before.has(ts)).map(({ plain }) => plain);
}

test("after an outage one of them takes a question up; whoever takes it after that is who answers", async () => {
  const [first, second, third] = [intakeOf(0), intakeOf(1), intakeOf(2)];
  await isKept("1");
  advance(5 * MINUTE);
  const answers = await told(async () => {
    await holdAnswers();
    const slow = first.replay();
    await isTakenUp("1", 1);
    expect(await isDoneWithin(SOON, Promise.all([second.replay(), third.replay()]))).toBe(true);
    advance(16 * SECOND);
    const later = second.replay();
    await isTakenUp("1", 2);
    await letGo?.();
    await Promise.all([slow, later]);
  });
  expect(answers).toHaveLength(1);
  expect(await rowOf("1")).toMatchObject({ attempts: 2, handled_at: expect.any(Date) });
});

test("what its receiver writes after another one took it up finds nothing", async () => {
  const app = appOf(0);
  const before = inbox.firstClaim(app, question("1.2").key);
  await isKept("1.2");
  advance(16 * SECOND);
  const later = await inbox.nextUnfinished(appOf(1));
  expect(later).toMatchObject({ key: before.key, attempts: 1, problem: null });
  expect(await inbox.isOurs(app, before)).toBe(false);
  await inbox.done(app, before);
  await inbox.failed(app, before, "There is no item #7.");
  await inbox.release(app, before);
  expect(await rowOf("1.2")).toMatchObject({ handled_at: null, problem: null });
  if (later !== null) await inbox.done(appOf(1), later);
  expect(await rowOf("1.2")).toMatchObject({ handled_at: expect.any(Date) });
});

test("a question is answered at first try without another statement, and also where that takes long", async () => {
  const first = intakeOf(0);
  const atOnce = await told(async () => {
    await isSent(first, "2.1");
    await first.idle();
  });
  expect(atOnce).toHaveLength(1);
  expect(await rowOf("2.1")).toMatchObject({ attempts: 0, handled_at: expect.any(Date), claimed_until: null });

  const late = await told(async () => {
    await holdAnswers();
    await isSent(first, "2.2");
    advance(20 * SECOND);
    await letGo?.();
    await first.idle();
  });
  expect(late).toHaveLength(1);
  expect(await rowOf("2.2")).toMatchObject({
    attempts: 0,
    handled_at: expect.any(Date),
    claimed_until: expect.any(Date),
  });
});

test("killed again and again, they lose a quarter of a minute each time", async () => {
  await isKept("3");
  advance(5 * MINUTE);
  for (const times of [1, 2]) {
    void dying().replay();
    await isTakenUp("3", times);
    advance(15 * SECOND);
  }
  expect(await told(() => intakeOf(2).replay())).toHaveLength(1);
});

test("that something broke is told once, by whoever finds it so first; once it works it is answered", async () => {
  const intakes = [intakeOf(0), intakeOf(1), intakeOf(2)] as const;
  await onDatabase(database.url, "alter table daytwo.items rename to elsewhere");
  const broken = await told(async () => {
    await isKept("4.1");
    await isSent(intakes[0], "4.2");
    await intakes[0].idle();
    for (let minute = 0; minute < 20; minute += 1) {
      advance(MINUTE);
      await Promise.all(intakes.map((each) => each.replay()));
    }
  });
  await onDatabase(database.url, "alter table daytwo.elsewhere rename to items");
  expect(broken).toEqual([
    expect.stringMatching(/Something broke.*Try again/s),
    expect.stringMatching(/Something broke/),
  ]);
  expect(await rowOf("4.2")).toMatchObject({ attempts: 4, handled_at: null });

  advance(60 * MINUTE);
  const answers = await told(() => Promise.all(intakes.map((each) => each.replay())));
  expect(answers).toHaveLength(2);
  expect(answers.join(" ")).not.toContain("broke");
});
