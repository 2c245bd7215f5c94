import type { App } from "../app.ts";
import { CALM } from "../domain/flapping.ts";
import { formatDuration } from "../domain/measures.ts";
import { subMilliseconds } from "../domain/time.ts";
import { changeDue, nameOfItem } from "../due.ts";
import { close } from "./lifecycle.ts";
import { lockWellSince } from "../store/flapping.ts";

/** Flapping items are over when they have been well for a while. */
export async function endFlapping(app: App): Promise<void> {
  await changeDue(app, {
    what: "closing flapping items",
    most: 50,
    rows: (db, now, limit) => lockWellSince(db, subMilliseconds(now, CALM), limit),
    nameOf: nameOfItem,
    async work(change, item) {
      const lasted = change.now.getTime() - (item.wellSince ?? change.now).getTime();
      await close(change, item, { by: null, how: `well for ${formatDuration(lasted)}, after it was flapping` });
    },
  });
}
