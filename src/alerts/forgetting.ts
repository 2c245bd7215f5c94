import type { App } from "../app.ts";
import { transaction } from "../db/sql.ts";
import { subDays } from "../domain/time.ts";
import { forgetAlerts, sourcesOfOld } from "../store/alerts.ts";
import { lockSources } from "../store/kept-alerts.ts";

/** How long what is over is remembered, in days. */
const OVER_KEPT = 30;

/** Forgets alerts that are long over. One that is sent again at that moment is read before, or comes as a new one. */
export async function forgetOldAlerts(app: App): Promise<void> {
  const before = subDays(app.now(), OVER_KEPT);
  const sources = await sourcesOfOld(app.db, before);
  await transaction(app.db, async (db) => {
    await lockSources(db, sources);
    await forgetAlerts(db, sources, before);
  });
}
