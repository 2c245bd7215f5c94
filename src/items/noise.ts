import type { App } from "../app.ts";
import type { Caller } from "../caller.ts";
import type { Noise } from "../domain/board/noise.ts";
import { isHelpable } from "../domain/item.ts";
import { subDays } from "../domain/time.ts";
import { actorKey } from "../domain/actor.ts";
import { Conflict, Invalid } from "../errors.ts";
import { changeItem, refuseOwedBack, refuseStorm } from "./change.ts";
import { closeQuietly } from "./lifecycle.ts";
import { show, tell } from "./card-and-thread.ts";
import { insertNoise, noisiest } from "../store/noises.ts";

/** What people call noise: it told nobody anything. It is counted, so that somebody mends the rule behind it. */

/** How far back is counted. */
export const NOISE_DAYS = 30;

/** Closes an item as noise, with a reason. @throws Conflict for what is no signal but a task */
export async function callNoise(app: App, caller: Caller, id: number, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("Calling something noise needs a reason.");
  await changeItem(app, caller, "noise", id, async (change, item) => {
    refuseOwedBack(item);
    refuseStorm(item);
    if (!isHelpable(item))
      throw new Conflict(`#${id} is a task for somebody, and no signal that could be noise.`, {
        hint: `\`/day2 resolve #${id} reason\` closes it.`,
      });
    const next = await closeQuietly(change, item, { by: actorKey(caller.actor), how: `noise: ${reason}` });
    const event = await tell(change, next, "item.noise", { reason });
    await insertNoise(change.db, {
      event,
      at: change.now,
      item: id,
      fingerprint: item.fingerprint,
      service: item.service,
    });
    await show(change, next);
  });
}

/** What was called noise most often in the last thirty days. */
export async function noise(app: App): Promise<Noise> {
  const since = subDays(app.now(), NOISE_DAYS);
  return { now: app.now(), days: NOISE_DAYS, noisy: await noisiest(app.db, since, { limit: 15 }) };
}
