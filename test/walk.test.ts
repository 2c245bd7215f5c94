import { expect, test } from "vitest";
import { PAIRS } from "./support/bot.ts";
import { step } from "./walk/deeds.ts";
import { digestSent } from "./walk/digest.ts";
import { disagreements } from "./walk/oracle.ts";
import { openWalk } from "./walk/world.ts";

/**
 * Cards, Home, digest, threads and the audit never disagree, whatever happens in whatever order: a random walk, and after
 * every few steps everything that anybody can read is held against the rows. WALK_SEED walks another one, or several
 * ("4,5,6"), WALK_STEPS one of another length; even seeds go over Socket Mode and the queue on PostgreSQL, odd ones over HTTP and Redis.
 */

const SEEDS = (process.env["WALK_SEED"] ?? "4").split(",").map(Number);
const STEPS = Number(process.env["WALK_STEPS"] ?? 30);
const EVERY = 5;
const MORNING = 15;

test.each(SEEDS)("whatever happens, all surfaces say the same (WALK_SEED=%d)", { timeout: 600_000 }, async (seed) => {
  const walk = await openWalk(PAIRS[seed % 2 === 0 ? 0 : 1], seed);
  const trail: string[] = [];
  let found: string[] = [];
  try {
    await walk.bot().passes(20_000);
    while (trail.length < STEPS) {
      for (let each = 0; each < EVERY; each++) trail.push(await step(walk));
      found = await disagreements(walk);
      if (trail.length % MORNING === 0) found.push(...(await digestSent(walk)));
      expect(found).toEqual([]);
    }
  } catch (cause) {
    throw new Error(["after", ...trail, "", ...found].join("\n"), { cause });
  } finally {
    await walk.close();
  }
});
