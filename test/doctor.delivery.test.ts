import { expect, onTestFinished, test } from "vitest";
import { examineMessages } from "../src/cli/doctor/messages.ts";
import { examineSlack } from "../src/cli/doctor/slack.ts";
import { readConfig } from "../src/config.ts";
import { cloneDatabase } from "./support/database.ts";
import { HISTORY, manifestWith, openSlack } from "./support/slack.ts";
import { openPool } from "./support/pool.ts";

/** What the doctor says of messages on their way. */

test.each([
  [[], "unexamined", /may be there twice .* channels:history, groups:history is not granted\.$/],
  [HISTORY.slice(0, 1), "unexamined", /may be there twice .* groups:history is not granted\.$/],
  [HISTORY, "well", /is found again, by the history scopes\.$/],
])("with %j, whether a message in doubt is looked for", async (history, verdict, words) => {
  await using slack = await openSlack({
    manifest: manifestWith(history),
    botToken: "xoxb-test00",
    appToken: "xapp-test00",
  });
  const config = readConfig({
    SLACK_BOT_TOKEN: "xoxb-test00",
    SLACK_APP_TOKEN: "xapp-test00",
    SLACK_API_URL: slack.apiUrl,
  });
  const findings = await examineSlack({ config, catalog: null });
  expect(findings).toContainEqual(expect.objectContaining({ verdict, sentence: expect.stringMatching(words) }));
});

test("what the running bot found of a channel and of its token", async () => {
  const database = await cloneDatabase();
  const pool = openPool(database.url);
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  const now = new Date("2026-11-26T02:00:00Z");
  expect(await examineMessages(pool, now)).toEqual([
    { verdict: "well", sentence: "Every message in Slack shows its row." },
  ]);
  await pool.query(
    "insert into pace (key, next_at, problem, since) values ('channel:#shop', $1, 'is_archived', $1), ('channel:C1', $1, null, null)",
    [now],
  );
  await pool.query(
    `insert into postings (subject_kind, subject, place, asked_at) values ('item', 1, 'channel:#shop', $1), ('item', 2, 'channel:C1', $1)`,
    [now],
  );
  await pool.query("insert into alarms (about, sentence, began_at) values ('token', 'Slack refuses it.', $1)", [now]);
  expect(await examineMessages(pool, now)).toEqual([
    { verdict: "ill", sentence: "Slack refuses it.", next: expect.stringMatching(/^Reinstall the app/) },
    {
      verdict: "ill",
      sentence: "No message reaches #shop since 2026-11-26T02:00Z (is_archived); 1 wait.",
      next: expect.stringMatching(/^Unarchive the channel/),
    },
  ]);
});
