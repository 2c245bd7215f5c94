import type { App } from "../app.ts";
import { changeDue } from "../caller.ts";
import { CALM } from "../domain/flapping.ts";
import { formatDuration } from "../domain/measures.ts";
import { subMilliseconds } from "../domain/time.ts";
import { close } from "./lifecycle.ts";
import { lockWellSince } from "../store/flapping.ts";
import { hasUnfinished } from "../store/operations.ts";

/** Flapping items are over when they have been well for a while. */
export async function endFlapping(app: App): Promise<void> {
  await changeDue(
    app,
    (db, now) => lockWellSince(db, subMilliseconds(now, CALM), 50),
    async (change, item) => {
      if (await hasUnfinished(change.db, item.id)) return;
      const lasted = change.now.getTime() - (item.wellSince ?? change.now).getTime();
      await close(change, item, { by: null, how: `well for ${formatDuration(lasted)}, after it was flapping` });
    },
  );
}
