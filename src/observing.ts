import { subDays } from "./domain/time.ts";
import type { App } from "./app.ts";
import { tellingOf } from "./board/neighbours.ts";
import { changeUnasked } from "./caller.ts";
import type { Db } from "./db/sql.ts";
import type { Target } from "./domain/catalog.ts";
import { differences } from "./domain/observed-change.ts";
import { withHistory } from "./domain/observation-history.ts";
import type { Observation } from "./domain/observation.ts";
import { isSamePlace } from "./providers/index.ts";
import { forgetChanges, insertChanges } from "./store/changes.ts";
import { lockObservation, observationsOf, saveObservation } from "./store/observations.ts";
import { touchUpAround } from "./store/touch-ups.ts";

/** The door for what providers see of targets: the newest observation of each is kept, and what changed since the one before. */

/**
 * Keeps what a provider saw of a target, and what changed there since the last look. Returns the observation as it is kept.
 * Where the catalog by now means another place by that key, nothing is kept: the difference between the two places would
 * be told as a change.
 */
export async function keepObservation(app: App, looked: Target, seen: Observation): Promise<Observation> {
  const { key: target, service } = looked;
  return changeUnasked(app, async ({ db, now }) => {
    const there = app.inForce().catalog.services[service]?.targets.find(({ key }) => key === target);
    if (there === undefined || !isSamePlace(there, looked)) return seen;
    const last = await lockObservation(db, target);
    const before = last?.body ?? null;
    const notBefore = last?.seenAt ?? null;
    const kept = withHistory(before, seen, now);
    // Of two looks at the same time the older one may end last; it has nothing new to tell.
    if (before !== null && new Date(seen.observedAt) < new Date(before.observedAt)) return kept;
    await saveObservation(db, target, now, kept, null);
    const changed =
      before === null || notBefore === null
        ? []
        : differences(before, seen).map((each) => ({ ...each, target, notBefore, seenAt: now }));
    await insertChanges(db, changed);
    if (before === null || changed.length > 0) await touchUpAfter(app, db, target, now);
    return kept;
  });
}

/** Keeps why a provider could not look at a target, beside what it last saw there. */
export async function keepProblem(app: App, target: string, problem: string): Promise<void> {
  await changeUnasked(app, ({ db, now }) => saveObservation(db, target, now, null, problem));
}

/** Redraws the cards that name what an action would go back to, or what changed just before. */
async function touchUpAfter(app: App, db: Db, target: string, now: Date): Promise<void> {
  const own = target.split("/", 1);
  const critical = own.flatMap((service) => tellingOf(app.inForce().catalog, service));
  await touchUpAround(db, { own, critical }, now);
}

/** Days for which changes on targets are remembered. */
export const CHANGES_KEPT = 30;

/** Forgets changes that are older than that. */
export async function forgetOldChanges(app: App): Promise<void> {
  await forgetChanges(app.db, subDays(app.now(), CHANGES_KEPT));
}

/** Those of these targets that nobody has looked at since `since`. */
export async function staleTargets(app: App, targets: readonly string[], since: Date): Promise<ReadonlySet<string>> {
  const fresh = new Set(
    (await observationsOf(app.db, targets)).filter((each) => each.observedAt > since).map((each) => each.target),
  );
  return new Set(targets.filter((target) => !fresh.has(target)));
}
