import { addMilliseconds } from "date-fns/addMilliseconds";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { App } from "../src/app.ts";
import { tickChecks } from "../src/sweeps.ts";
import { close, count, open, type Open } from "./support/open.ts";

/** A tick claims what is due and says when it is worth coming again: neither late nor for every check on its own. */

let under: Open;
let app: App;
const moment = new Date();
beforeAll(async () => {
  under = await open("http");
  await under.bot.stop();
  app = { ...under.bot.bot.app, db: under.pool, now: () => moment };
});
afterAll(() => close(under));

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
  expect(await tickChecks(app)).toBe(50);
});

test("what is claimed is not waited for", async () => {
  await due(-1, 0);
  expect(await tickChecks(app)).toBe(false);
  expect(await count(under, "checks where claimed_until is null")).toBe(0);
  expect(await count(under, "outbox where queue = 'checks'")).toBe(1);
});

test("without any check there is nothing to come again for", async () => {
  await due();
  expect(await tickChecks(app)).toBe(false);
});
