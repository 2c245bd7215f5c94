import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { openPool } from "../src/db/open.ts";
import { examineAll } from "../src/cli/doctor/examinations.ts";
import { exitCode, report } from "../src/cli/doctor/report.ts";
import { readConfig } from "../src/config.ts";
import { prepareBotRole } from "../src/db/bot-role.ts";
import { openLog } from "../src/log.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { daytwo } from "./support/daytwo.ts";
import { onDatabase, takeAway } from "./support/server.ts";
import { MANIFEST, openSlack, SEED, type Slack } from "./support/slack.ts";

/** What `daytwo doctor` says, good and bad, of real servers. */

let database: TestDatabase;
let slack: Slack;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "daytwo-doctor-"));
  database = await cloneDatabase();
  const pool = openPool(database.url, openLog("silent"));
  await prepareBotRole(pool, openLog("silent"));
  await pool.end();
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  slack = await openSlack(TOKENS);
});
afterEach(() => slack.close());

const TOKENS = { botToken: "xoxb-test00", appToken: "xapp-test00" };

const GOOD = `
people: { ana: { name: Ana, slack: U0ANA } }
services: { shop: { owner: ana, channel: "#shop" } }
`;

type Settings = Readonly<Record<string, string>>;

/** The settings of a bot where all is well, and what is different. */
async function settings(different: Settings = {}, catalog = GOOD): Promise<Settings> {
  const path = join(folder, "daytwo.yaml");
  await writeFile(path, catalog);
  return {
    SLACK_BOT_TOKEN: "xoxb-test00",
    SLACK_APP_TOKEN: "xapp-test00",
    SLACK_API_URL: slack.apiUrl,
    DATABASE_URL: database.url,
    DAYTWO_CATALOG: path,
    ...different,
  };
}

async function says(
  different: Settings = {},
  catalog = GOOD,
  patience?: number,
): Promise<{ text: string; code: number }> {
  const config = readConfig(await settings(different, catalog));
  function now(): number {
    return Date.now();
  }
  const sections = await examineAll(config, patience === undefined ? { now } : { now, patience });
  return { text: report(sections), code: exitCode(sections) };
}

async function reopened(options: Parameters<typeof openSlack>[0]): Promise<void> {
  await slack.close();
  slack = await openSlack({ ...TOKENS, ...options });
}
test("where all is well, every line says so and the exit code is 0", async () => {
  const { text, code } = await says();
  for (const line of [
    "daytwo.yaml is good: 1 service, 1 check, 1 person.",
    "✅ Slack takes the bot token: daytwo in Acme.",
    "✅ The token has every scope of manifest.json.",
    "✅ Slack takes the app token: Socket Mode can connect.",
    "✅ The bot is in #shop.",
    "✅ All 1 accounts of the catalog's people are members of the workspace.",
    "✅ The database answers: PostgreSQL 18.",
    "✅ The schema is up to date.",
    "✅ The log can only be added to: its triggers are in place.",
    "✅ The bot works as a role that may only read and add to the log: daytwo_bot_",
    "✅ There is no event to seal yet.",
    "✅ Our clock and the database's agree.",
    "✅ Our clock and Slack's agree.",
    "✅ Daytwo's own database is on no server that it watches.",
    "Nothing stands in the way.",
  ])
    expect(text.replaceAll(/ {2,}/g, " ")).toContain(line);
  expect(code).toBe(0);
});

/** The line that begins with these words, its mark, and the next step beneath it. */
function line(text: string, words: string): string {
  const lines = text.split("\n");
  const at = lines.findIndex((each) => each.includes(words));
  expect(at, `${words}\n${text}`).toBeGreaterThan(-1);
  return `${lines[at]?.trim()}\n${lines[at + 1]?.trim()}`;
}

describe("Slack", () => {
  test("a token that is not taken", async () => {
    const { text, code } = await says({ SLACK_BOT_TOKEN: "xoxb-SECRET", SLACK_APP_TOKEN: "xapp-SECRET" });
    expect(line(text, "Slack does not accept the bot token (invalid_auth).")).toMatch(/^❌.*\n→ Copy the Bot/);
    expect(line(text, "Slack does not accept the app-level token (invalid_auth).")).toMatch(/^❌.*\n→ Copy the App-/);
    expect(text).not.toContain("SECRET");
    expect(code).toBe(1);
  });

  test("scopes that the app was not given", async () => {
    const manifest = { ...MANIFEST, oauth_config: { scopes: { bot: ["chat:write", "channels:read", "commands"] } } };
    await reopened({ manifest });
    const { text } = await says();
    expect(line(text, "The token lacks chat:write.public, app_mentions:read, groups:read")).toMatch(
      /^❌.*\n→ Add what is/,
    );
    expect(line(text, "#shop cannot be looked up: Slack answers missing_scope.")).toMatch(
      /\n→ Give the app the scopes/,
    );
    expect(line(text, "Ana (U0ANA) cannot be looked up: Slack answers missing_scope.")).toMatch(/^❌/);
  });

  test("an optional scope that the app was not given is named, and no fault", async () => {
    const bot = MANIFEST.oauth_config?.scopes?.bot ?? [];
    await reopened({ manifest: { ...MANIFEST, oauth_config: { scopes: { bot } } } });
    const { text } = await says();
    expect(
      line(text, "The token has every scope of manifest.json but the optional dnd:read, usergroups:write."),
    ).toMatch(/^✅/);
  });

  test("HTTP mode says what has to reach us", async () => {
    const { text, code } = await says({ SLACK_APP_TOKEN: "", SLACK_SIGNING_SECRET: "0123456789" });
    expect(line(text, "HTTP: Slack calls the bot")).toMatch(
      /^–.*\n→ Have https:\/\/<your host>\/slack\/events reach PORT/,
    );
    expect(code).toBe(0);
  });

  test("channels that are not there, archived, or private", async () => {
    await reopened({
      seed: {
        channels: [
          { id: "C0OPS", name: "ops", members: [] },
          { id: "C0SHOP", name: "shop", archived: true },
          { id: "C0DEEP", name: "deep", private: true, members: ["U0ANA"] },
        ],
      },
    });
    const { text } = await says(
      {},
      `services: { a: { owner: nobody, channel: "#shop" }, b: { owner: nobody, channel: "#deep" }, c: { owner: nobody, channel: "#sohp" }, d: { owner: nobody, channel: C0SHOP } }`,
    );
    expect(line(text, "The bot can post in #ops, which is public.")).toMatch(/^✅/);
    expect(line(text, "#shop is archived.")).toMatch(/^❌.*\n→ Unarchive/);
    expect(line(text, "C0SHOP is archived.")).toMatch(/^❌/);
    for (const name of ["#deep", "#sohp"])
      expect(line(text, `${name} is not there, or it is private`)).toMatch(/^❌.*\n→ Make the channel/);
  });

  test("people who left, guests, bots, and ids that nobody has", async () => {
    await reopened({
      seed: {
        people: [
          ...SEED.people,
          { id: "U0OLD", name: "old", realName: "Old", kind: "deactivated", tz: "UTC" },
          { id: "U0BOT", name: "bot", realName: "Bot", kind: "bot", tz: "UTC" },
        ],
      },
    });
    const { text } = await says(
      {},
      `people: { old: { slack: U0OLD }, gus: { slack: U0GUS }, bot: { slack: U0BOT }, no: { slack: U0NOBODY }, ana: {} }`,
    );
    expect(line(text, "old (U0OLD) is deactivated")).toMatch(/^❌.*\n→ Correct `people.old`/);
    expect(line(text, "no (U0NOBODY) is not in this workspace.")).toMatch(/^❌/);
    expect(line(text, "gus (U0GUS) is a guest")).toMatch(/^⚠️/);
    expect(line(text, "bot (U0BOT) is a bot")).toMatch(/^⚠️/);
    expect(line(text, "ana has no Slack account")).toMatch(/^⚠️.*\n→ Add `slack:`/);
  });

  test("one that asks to wait, and one that never answers", async () => {
    await slack.fault({ method: "users.info", status: 429, retry_after: 30, times: 9 });
    await slack.fault({ method: "conversations.list", mode: "hang", times: 9 });
    const { text } = await says({}, GOOD, 3_000);
    expect(line(text, "Slack asked to wait with 1 accounts")).toMatch(/^⚠️.*\n→ Run `daytwo doctor` again/);
    expect(line(text, "There was no result within 3 s.")).toMatch(/^❌/);
    expect(text).toContain("The schema is up to date.");
  });

  test("another server, which lacks most methods and whose clock is off", async () => {
    const other = createServer((request, response) => {
      const known = request.url?.endsWith("auth.test");
      response.writeHead(200, {
        "content-type": "application/json",
        date: new Date(Date.now() + 120_000).toUTCString(),
      });
      response.end(JSON.stringify(known ? { ok: true } : { ok: false, error: "unknown_method" }));
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/api/`;
    const { text, code } = await says({ SLACK_API_URL: url }, `${GOOD}channel: C0OPS\n`);
    other.close();
    other.closeAllConnections();
    expect(line(text, "This server does not say which scopes")).toMatch(/^⚠️/);
    expect(line(text, "This server has no Socket Mode.")).toMatch(/^❌.*\n→ Use HTTP with it/);
    expect(line(text, "it has no conversations.list.")).toMatch(/^❌.*\n→ Write the channel's id/);
    expect(line(text, "This server cannot tell about C0OPS.")).toMatch(/^⚠️/);
    expect(line(text, "it has no users.info.")).toMatch(/^❌/);
    expect(line(text, "s behind Slack's.")).toMatch(/^❌.*\n→ Have both machines keep time/);
    expect(code).toBe(1);
  });
});

describe("where things are kept", () => {
  test("a database that lets nobody in, and one that is not there", async () => {
    const back = await takeAway(database.url);
    const closed = await says();
    await back();
    expect(line(closed.text, "The database cannot be used:")).toMatch(/^❌/);
    const gone = await says({
      DATABASE_URL: "postgres://me:SECRET@127.0.0.1:1/x",
      REDIS_URL: "redis://:SECRET@127.0.0.1:1",
    });
    expect(line(gone.text, "The database cannot be used: connection refused.")).toMatch(/^❌.*\n→ Check DATABASE_URL/);
    expect(line(gone.text, "Redis cannot be used: connection refused.")).toMatch(/^❌.*\n→ Check REDIS_URL/);
    expect(gone.text).not.toContain("SECRET");
  });

  test("a schema that is absent, behind, or ahead; a log without its triggers", async () => {
    const own = await cloneDatabase();
    const at = { DATABASE_URL: own.url };
    await onDatabase(own.url, "alter table daytwo.events disable trigger events_no_truncate");
    await onDatabase(own.url, "delete from daytwo.migrations where name = '0004_delivery.sql'");
    const behind = await says(at);
    expect(line(behind.text, "The log can be changed: events_no_truncate is not in force.")).toMatch(/^❌/);
    expect(line(behind.text, "behind this release by 0004_delivery.sql.")).toMatch(/^⚠️.*\n→ It is brought up/);
    await onDatabase(own.url, "insert into daytwo.migrations (name) values ('0004_delivery.sql'), ('9998_future.sql')");
    expect(line((await says(at)).text, "a newer release (9998_future.sql), which this one")).toMatch(/^✅/);
    await onDatabase(own.url, "update daytwo.migrations set min_release = '99.0.0' where name = '9998_future.sql'");
    expect(line((await says(at)).text, "(9998_future.sql); it takes 99.0.0 or newer.")).toMatch(/^❌/);
    await onDatabase(own.url, "drop schema daytwo cascade");
    await onDatabase(own.url, "drop schema bullmq cascade");
    const absent = await says(at);
    expect(line(absent.text, "no tables of Daytwo yet.")).toMatch(/^⚠️/);
    expect(absent.text).toContain("schema bullmq is made at start");
    const made = await onDatabase(own.url, "select 1 from pg_namespace where nspname in ('daytwo', 'bullmq')");
    expect(made).toEqual([]); // it only looked
    await own.drop();
  });

  test("its own database on a server that it watches", async () => {
    const watched = `services: { db: { owner: nobody, checks: { postgres: { url: "${inject("postgres").replace("127.0.0.1", "localhost")}" } } } }`;
    expect(line((await says({}, watched)).text, "the server that db/postgres watches")).toMatch(
      /^⚠️.*\n→ Move Daytwo's database to another server, or set DAYTWO_HEARTBEAT_URL/,
    );
  });
});

test("a catalog that is wrong, by line and column, or not there; a target that nobody can see", async () => {
  const wrong = await says({}, "services:\n  shop: { ownre: nobody }\n");
  expect(line(wrong.text, "daytwo.yaml:2:")).toMatch(/^❌.*\n→ /);
  expect(wrong.code).toBe(1);
  expect((await says({ DAYTWO_CATALOG: "/nowhere.yaml" })).text).toContain(
    "The catalog /nowhere.yaml cannot be read: there is no such file.",
  );
  const target = `services: { shop: { owner: nobody, targets: { web: { provider: local, supervisor: "http://127.0.0.1:9", application: shop, token: { env: NONE } } } } }`;
  expect(line((await says({}, target)).text, "shop/web cannot be seen through local")).toMatch(/^❌.*\n→ /);
});

test("credentials that a provider refuses are what to check, not the way there", async () => {
  // As Heroku's API reference has it for a token that is none.
  const refusing = createServer((_request, response) => {
    response.writeHead(401, { "content-type": "application/json" });
    response.end(JSON.stringify({ id: "unauthorized", message: "Invalid credentials provided." }));
  }).listen(0, "127.0.0.1");
  await once(refusing, "listening");
  const token = join(folder, "token");
  await writeFile(token, "no-longer-good");
  try {
    const api = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
    const target = `{ provider: heroku, app: shop-web, api: "${api}", token: { file: ${token} } }`;
    const { text } = await says({}, `services: { shop: { owner: nobody, targets: { web: ${target} } } }`);
    expect(line(text, "shop/web cannot be seen through heroku: Heroku says: Invalid credentials provided.")).toContain(
      "→ Check its credentials and its settings in the catalog; docs/providers has what it takes.",
    );
  } finally {
    refusing.close();
  }
});

test("as people run it: without tokens it is the local workspace, and a broken one is exit 1", async () => {
  const env = { DAYTWO_HOME: join(folder, "home") };
  const { stdout } = await daytwo(["doctor"], { cwd: folder, env });
  expect(stdout).toContain("Slack is the local workspace, which starts with `npm start`.");
  expect(stdout).toContain("Nothing stands in the way.");
  const broken = { ...env, DATABASE_URL: "postgres://127.0.0.1:1/x" };
  expect(await daytwo(["doctor"], { cwd: folder, env: broken })).toMatchObject({ code: 1 });
});
