import type { TestBot } from "./bot.ts";
import type { Actor, Seen } from "./slack.ts";
import { until } from "./until.ts";

const MOST = 10; // looks of checks that it may take

/** Lets checks look, `every` ms, until somebody sees in #shop what they wait for. */
export async function seenSoon(
  bot: TestBot,
  every: number,
  who: Actor,
  matches: (message: Seen) => boolean,
): Promise<Seen> {
  for (let left = MOST; left > 0; left -= 1) {
    await bot.passes(every);
    const found = (await who.sees("#shop")).find(matches);
    if (found !== undefined) return found;
  }
  throw new Error(`it was not seen; there is ${(await who.sees("#shop")).map(({ plain }) => plain).join(" | ")}`);
}

const STEP = 5_000; // ms that pass for the checks between two looks at it
const MEANWHILE = 200; // ms for what really runs: looking at it without a pause would take the time that it needs

/** Lets checks fall due until something is so that the demo's fleet takes its time for. */
export async function untilTheFleet(
  bot: TestBot,
  what: string | (() => string),
  holds: () => Promise<boolean>,
): Promise<void> {
  await until(what, async () => {
    bot.advance(STEP);
    await bot.settle();
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, MEANWHILE));
    return false;
  });
}
