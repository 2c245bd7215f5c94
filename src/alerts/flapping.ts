import type { App } from "../app.ts";
import { changeUnasked } from "../caller.ts";
import { CALM } from "../domain/flapping.ts";
import { formatDuration } from "../domain/measures.ts";
import { subMilliseconds } from "../domain/time.ts";
import { close } from "../items/life.ts";
import { lockWellSince } from "../store/flapping.ts";
import { hasUnfinished } from "../store/operations.ts";

/** Flapping items are over when they have been well for a while. */
export async function endFlapping(app: App): Promise<void> {
  await changeUnasked(app, async (change) => {
    for (const item of await lockWellSince(change.db, subMilliseconds(change.now, CALM), 50)) {
      if (await hasUnfinished(change.db, item.id)) continue;
      const lasted = change.now.getTime() - (item.wellSince ?? change.now).getTime();
      await close(change, item, { by: null, how: `well for ${formatDuration(lasted)}, after it was flapping` });
    }
  });
}
