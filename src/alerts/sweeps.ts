import { subDays, subHours, subSeconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { alone, leftAlone } from "../broken.ts";
import { changeUnasked } from "../caller.ts";
import { transaction } from "../db/sql.ts";
import { changeAll } from "../due.ts";
import { openItem, REOPEN_HOURS } from "../items/lifecycle.ts";
import { inMaintenance } from "../windows/maintenance.ts";
import { firingUnseen } from "../store/alert-groups.ts";
import { endSilent, forgetAlerts, forgetGroups, gravestOf, silentAlerts, sourcesOfOld } from "../store/alerts.ts";
import { lockSources } from "../store/kept-alerts.ts";
import { endIn } from "./batch.ts";
import { REMEMBERED } from "./deduplication.ts";
import { itemOfGroup } from "./item-of-group.ts";

/** What time does to alerts. */

/** Ends alerts that their source has not repeated in time, where that is how it ends them. */
export async function endSilentAlerts(app: App): Promise<void> {
  const before = subSeconds(app.now(), REMEMBERED);
  const silent = await silentAlerts(app.db, before, 1_000 + leftAlone(app, ENDING).size);
  await changeAll(
    app,
    {
      ...ENDING,
      nameOf: ({ source, fingerprint }) => `${source}/${fingerprint}`,
      async work(change, some) {
        const sources = [...new Set(some.map(({ source }) => source))];
        await endIn(app, change, sources, () => endSilent(change.db, some, before, change.now));
      },
    },
    silent,
  );
}

const ENDING = { what: "ending alerts that are silent" };

/**
 * Brings back what still fires: closed by a person before the reopen window began, or begun in maintenance that has ended. Not
 * what a source told that the catalog has no more: nobody would ever say that it is over.
 */
export async function reopenFiring(app: App): Promise<void> {
  const now = app.now();
  const quiet = await inMaintenance(app.inForce(), { db: app.db, now });
  const sources = Object.keys(app.inForce().catalog.alerts ?? {});
  const unseen = { sources, closedBefore: subHours(now, REOPEN_HOURS), quiet: [...quiet] };
  const left = leftAlone(app, REOPENING);
  for (const { source, itemFingerprint } of await firingUnseen(app.db, unseen, 50 + left.size)) {
    await alone(app, REOPENING, itemFingerprint, () =>
      changeUnasked(app, async (change) => {
        await lockSources(change.db, [source]);
        const [group] = await firingUnseen(change.db, unseen, 1, itemFingerprint);
        const [member] = await gravestOf(change.db, [itemFingerprint]);
        if (group !== undefined && member !== undefined)
          await openItem(change, app.inForce(), itemOfGroup(group, member));
      }),
    );
  }
}

const REOPENING = { what: "opening what fires again", severity: "critical" } as const;

/** Days for which alerts that are over are remembered. */
const OVER_KEPT = 30;

/** Forgets alerts that have long been over. One that is sent again at this moment counts as the same or as a new one. */
export async function forgetOldAlerts(app: App): Promise<void> {
  const before = subDays(app.now(), OVER_KEPT);
  const sources = await sourcesOfOld(app.db, before);
  // Between two slices whoever sends alerts has its turn.
  for (let left = true; left;)
    left = await transaction(app.db, async (db) => {
      await lockSources(db, sources);
      return (await forgetAlerts(db, sources, before)) > 0 || (await forgetGroups(db)) > 0;
    });
}
