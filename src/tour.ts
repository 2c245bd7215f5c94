import type { App } from "./app.ts";
import { transaction, type Db } from "./db/sql.ts";
import { TOUR, TOUR_KINDS, tourMovedBy } from "./domain/tour.ts";
import { place, redraw, wantAt } from "./store/postings.ts";
import { tourDeeds } from "./store/tour.ts";

/** The demo's tour as a message: there once, before anything else is said, and drawn anew when it moves. */

/** Wants the tour in the default channel, while the demo runs; the same message at every start. */
export async function beginTour(app: App): Promise<void> {
  if (app.demo === null) return;
  const { channel } = app.inForce().catalog;
  await transaction(app.db, (db) => wantAt(db, "tour", TOUR, place.channel(channel), app.now()));
}

/** At the end of a transaction: what it logged may have ticked a line. */
export async function followTour(
  db: Db,
  now: Date,
  logged: readonly { readonly id: number; readonly kind: string }[],
): Promise<void> {
  const events = logged.flatMap(({ id, kind }) => (TOUR_KINDS.includes(kind) ? [id] : []));
  if (events.length === 0 || !tourMovedBy(await tourDeeds(db), events)) return;
  await redraw(db, "tour", TOUR, null, now);
}
