import { expect, test } from "vitest";
import { PAIRS } from "./support/bot.ts";
import { step } from "./support/walk-deeds.ts";
import { disagreements } from "./support/walk-oracle.ts";
import { openWalk } from "./support/walk-world.ts";

/**
 * Cards, Home, digest, threads and the audit never disagree, whatever happens in whatever order: a random walk, and after
 * every few steps everything that anybody can read is held against the rows. WALK_SEED walks another one, WALK_STEPS one
 * of another length; even seeds go over Socket Mode and the queue on PostgreSQL, odd ones over HTTP and Redis.
 */

const SEED = Number(process.env["WALK_SEED"] ?? 4);
const STEPS = Number(process.env["WALK_STEPS"] ?? 40);
const EVERY = 5;

test(`whatever happens, all surfaces say the same (WALK_SEED=${SEED})`, { timeout: 600_000 }, async () => {
  const walk = await openWalk(PAIRS[SEED % 2 === 0 ? 0 : 1], SEED);
  const trail: string[] = [];
  try {
    await walk.bot().passes(20_000);
    while (trail.length < STEPS) {
      for (let each = 0; each < EVERY; each++) trail.push(await step(walk));
      const found = await disagreements(walk);
      expect(found, `after\n${trail.join("\n")}\n\n${found.join("\n")}\n`).toEqual([]);
    }
  } finally {
    await walk.close();
  }
});
