import { afterAll, beforeAll, expect, test } from "vitest";
import { refreshPeople } from "../src/slack-accounts.ts";
import { close, count, itemCard, open, type Open } from "./support/open.ts";

/** What Slack says of an account decides what its person may; that it stumbles decides nothing. */

const MINUTE = 60_000;

let under: Open;
beforeAll(async () => (under = await open("http")));
afterAll(() => close(under));

async function asked(): Promise<number> {
  return (await under.bot.slack.calls("users.info")).length;
}

test("whom Slack showed a few minutes ago acts on, whatever it says now; of anybody else it is asked again", async () => {
  const { slack } = under.bot;
  const card = await itemCard(under, "the queue grows");
  await slack.as("ana").asks("/day2 whoami");
  under.bot.advance(5 * MINUTE);
  await slack.fault({ method: "users.info", error: "internal_error", times: 99 });
  expect((await slack.as("ben").asks("/day2 own #1")).plain).toContain("Slack does not say who you are right now.");
  expect(await count(under, "accounts where kind = 'external'")).toBe(0);
  expect((await slack.as("ana").clicks(card, "Take it")).ok).toBe(true);
  await under.bot.settle();
  expect((await slack.as("ana").rereads(card)).plain).toContain("@ana (took it");
  under.bot.advance(11 * MINUTE);
  expect((await slack.as("ana").asks("/day2 whoami")).plain).toContain("Slack does not say who you are right now.");
  await slack.endFaults();
  expect((await slack.as("ben").asks("/day2 whoami")).plain).toContain("Ben");
});

test("of whom Slack says nothing is not asked about again before a minute, or when Slack says", async () => {
  const { slack } = under.bot;
  const { app } = under.bot.bot;
  under.bot.advance(11 * MINUTE);
  await slack.fault({ method: "users.info", error: "fatal_error", times: 1 });
  const before = await asked();
  for (let round = 0; round < 3; round += 1) await refreshPeople(app, ["ben"]);
  expect(await asked()).toBe(before + 1);
  under.bot.advance(MINUTE + 1_000);
  await slack.fault({ method: "users.info", status: 429, retry_after: 300, times: 1 });
  await refreshPeople(app, ["ben"]);
  under.bot.advance(4 * MINUTE);
  await refreshPeople(app, ["ben"]);
  expect(await asked()).toBe(before + 2);
  under.bot.advance(2 * MINUTE);
  await refreshPeople(app, ["ben"]);
  await refreshPeople(app, ["ben"]);
  expect(await asked()).toBe(before + 3);
});

test("in an organisation with several workspaces whoever belongs to ours acts, whatever Slack calls their team", async () => {
  const { slack } = under.bot;
  const card = await itemCard(under, "the disk fills");
  await slack.person({ id: "U0BEN", home: "T0OTHER" });
  under.bot.advance(11 * MINUTE);
  await slack.as("ben").clicks(card, "Take it");
  await under.bot.settle();
  expect((await slack.as("ben").rereads(card)).plain).toContain("@ben (took it");
});
