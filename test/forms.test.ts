import { expect, test } from "vitest";
import { close, count, itemCard, lastDelivery, open } from "./support/open.ts";

/** What is wrong with a form is said to whoever sent it, also when they were impatient or whoever took it died. */

test("a form that is put right after an error counts", async () => {
  const under = await open("http");
  const card = await itemCard(under, "the disk fills");
  const ben = under.bot.slack.as("ben");
  await ben.clicks(card, "Snooze…");
  const form = await ben.modal();
  const wrong = await form.fills({ "Why can it wait?": "   " });
  expect(await wrong.submits()).toMatchObject({ ok: false });
  expect(await (await form.fills({ "Why can it wait?": "a bigger one comes tomorrow" })).submits()).toMatchObject({
    ok: true,
  });
  await under.bot.settle();
  expect((await ben.rereads(card)).plain).toContain("Snoozed");
  expect(await count(under, "events where kind = 'item.snoozed'")).toBe(1);

  // As if whoever took it had died, and it was wrong after all: the form is gone by now.
  await under.pool.query(
    "update inbox set handled_at = null, body = replace(body::text, 'a bigger one comes tomorrow', '  ')::jsonb where kind = 'view'",
  );
  under.bot.advance(16_000);
  await ben.waitsFor("@daytwo", ({ plain }) => plain.includes("Open the form again"));
  await expect.poll(() => count(under, "inbox where handled_at is null")).toBe(0);
  await close(under);
});

test("a form that is sent once more while it is worked on hears what becomes of it, and does not just close", async () => {
  const under = await open("http");
  const card = await itemCard(under, "the mail waits");
  const ben = under.bot.slack.as("ben");
  await ben.clicks(card, "Snooze…");
  const form = await (await ben.modal()).fills({ "Why can it wait?": "it can" });
  const inTheWay = await under.pool.connect();
  await inTheWay.query("begin");
  await inTheWay.query("update items set state = 'resolved', resolved_at = opened_at");
  const first = form.submits();
  await expect.poll(() => count(under, "inbox where kind = 'view' and handled_at is null")).toBe(1);
  const again = under.bot.slack.replay(await lastDelivery(under));
  await under.bot.slack.as("ana").asks("/day2 help"); // sent after it, and answered
  await inTheWay.query("commit");
  inTheWay.release();
  const { ok, errors = {} } = await first;
  expect(ok).toBe(false);
  const { body } = (await again) as { body?: unknown };
  expect(body).toEqual({ response_action: "errors", errors });
  await close(under);
});
