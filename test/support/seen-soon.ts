import type { TestBot } from "./bot.ts";
import type { Actor, Seen } from "./slack.ts";

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
