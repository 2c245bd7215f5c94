import type { TestBot } from "./bot.ts";
import type { Actor, Seen } from "./slack.ts";

/** Lets checks look, so many ms apart, until somebody sees what they wait for in a channel. */
export async function soon(
  bot: TestBot,
  who: Actor,
  { channel = "#shop", apart = 30_000, matches }: { channel?: string; apart?: number; matches(message: Seen): boolean },
): Promise<Seen> {
  for (let left = 10; left > 0; left -= 1) {
    await bot.passes(apart);
    const found = (await who.sees(channel)).find(matches);
    if (found !== undefined) return found;
  }
  throw new Error(`it was not seen; there is ${(await who.sees(channel)).map(({ plain }) => plain).join(" | ")}`);
}
