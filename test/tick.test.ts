import { addMilliseconds } from "date-fns/addMilliseconds";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLooking } from "../jobs/look.ts";
import type { App } from "../src/app.ts";
import { openKeptSessions } from "../src/checks/kept-sessions.ts";
import { hasten } from "../src/store/checks.ts";
import { tickChecks } from "../src/sweeps.ts";
import { close, count, open, type Open } from "./support/open.ts";

/** A tick claims what is due and says when it is worth coming again: neither late nor for every check on its own. */

const CATALOG = `
services:
  shop: { checks: { ownership: off, folder-size: [{ name: here, path: "${import.meta.dirname}", warning: 1000000000 }] } }
`;

let under: Open;
let app: App;
let given: number[] = [];
const moment = new Date();
beforeAll(async () => {
  under = await open("http", CATALOG);
  await under.bot.stop();
  const queues = { ...under.bot.bot.app.queues, add: gives };
  app = { ...under.bot.bot.app, db: under.pool, queues, now: () => moment };
});
afterAll(() => close(under));

/** The bot has stopped, and its queue with it. */
async function gives(_name: string, jobs: readonly { readonly id: number }[]): Promise<void> {
  given.push(...jobs.map(({ id }) => id));
}

/** There are these checks and no others, due so many ms from now. */
async function due(...checks: readonly number[]): Promise<void> {
  await under.pool.query("delete from checks");
  for (const [index, ms] of checks.entries())
    await under.pool.query("insert into checks (key, service, due_at, appeared_at) values ($1, 'shop', $2, $3)", [
      `shop/http/${index}`,
      addMilliseconds(moment, ms),
      moment,
    ]);
}

test("it comes again when the next check is due", async () => {
  await due(300, 200);
  expect(await tickChecks(app)).toBe(200);
});

test("checks that are due one shortly after another wait for each other", async () => {
  await due(5, 10);
  expect(await tickChecks(app)).toBe(45);
});

test("what is claimed is not waited for", async () => {
  await due(-1, 0);
  given = [];
  expect(await tickChecks(app)).toBe(false);
  expect(await count(under, "checks where claimed_until is null")).toBe(0);
  expect(given).toHaveLength(1);
  expect(await count(under, `checks where batch = ${given[0]}`)).toBe(2);
});

test("what the queue does not take is due at once", async () => {
  await due(-1, 0);
  const away = { ...app, queues: { ...app.queues, add: () => Promise.reject(new Error("away")) } };
  await expect(tickChecks(away)).rejects.toThrow("away");
  expect(await count(under, "checks where claimed_until is null and batch is null")).toBe(2);
});

test("what waited for its turn until its claim was over is not looked at any more: it is due again", async () => {
  const look = openLooking(app, openKeptSessions());
  await under.pool.query("delete from checks");
  async function looked(claimed: number): Promise<boolean> {
    await under.pool.query(
      `insert into checks (key, service, due_at, appeared_at, batch, claimed_until) values ('shop/folder-size/here', 'shop', $1, $1, 7, $2)
       on conflict (key) do update set claimed_until = excluded.claimed_until`,
      [moment, addMilliseconds(moment, claimed)],
    );
    await look(7, new AbortController().signal);
    return (await count(under, "checks where looked_at is not null")) === 1;
  }
  expect([await looked(0), await looked(1)]).toEqual([false, true]);
});

test("without any check there is nothing to come again for", async () => {
  await due();
  expect(await tickChecks(app)).toBe(false);
});

test("what may be in trouble is due now, unless it is due already or believed ill", async () => {
  await due(300, -300, 400, 500);
  await under.pool.query("update checks set phase = 'failing', believed = 'critical' where key = 'shop/http/2'");
  await hasten(
    under.pool,
    [0, 1, 2].map((index) => `shop/http/${index}`),
    moment,
  );
  const { rows } = await under.pool.query<{ due_at: Date }>("select due_at from checks order by key");
  expect(rows.map(({ due_at }) => due_at.getTime() - moment.getTime())).toEqual([0, -300, 400, 500]);
});
