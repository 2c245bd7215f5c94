import { endAlerts } from "./batch.ts";
import type { App } from "../app.ts";
import { alone } from "../broken.ts";
import { changeUnasked } from "../caller.ts";
import { backOff } from "../domain/back-off.ts";
import { canonical } from "../domain/canonical.ts";
import { isMeant, type SilenceState } from "../domain/silence.ts";
import { addDays, addMinutes, addSeconds, subMinutes } from "../domain/time.ts";
import { Expected, Invalid } from "../errors.ts";
import { show, tell } from "../items/card-and-thread.ts";
import { namesOf } from "../people.ts";
import { openSilenceApi, type SilenceApi } from "./silence-api.ts";
import { endUnseen, firingOf } from "../store/firing-alerts.ts";
import { itemById, lockItem } from "../store/items.ts";
import { claimSilences, settleSilence, type ClaimedSilence } from "../store/silences.ts";

/**
 * Makes the silences at the sources of alerts equal to their rows. What a worker made before it died is found by the token
 * in its comment, and not made twice. A source does not tell what ends while it is silenced, so it is asked at the end.
 */

const PATIENCE = 20_000; // ms that all questions of one round may take
const CLAIM = 30; // seconds, longer than that
const TOGETHER = 10;
const BEHIND = 5; // minutes that its clock may be behind ours: what begins in the past begins at once
const ARRIVES = 60; // seconds after which a request has arrived or is lost
const TOLD_AGAIN = 5; // minutes within which Prometheus tells each alert that fires once more
const TOLD_AFTER = 3; // tries after which the item says that the source does not do it
const ASKED_FOR = 1; // days after its end for which the source is asked what has ended

const SILENCING = { what: "keeping silences" };

/** One round; whether there may be more to do. */
export async function syncSilences(app: App): Promise<boolean> {
  const now = app.now();
  const claimed = await claimSilences(app.db, TOGETHER, now, addSeconds(now, CLAIM));
  await Promise.all(
    claimed.map((silence) =>
      alone(app, SILENCING, `#${silence.item} at ${silence.source}`, () => syncOne(app, silence)),
    ),
  );
  return claimed.length === TOGETHER;
}

async function syncOne(app: App, silence: ClaimedSilence): Promise<void> {
  const { source: key, state, endsAt } = silence;
  const isWanted = state === "asked" && endsAt > app.now();
  try {
    const source = app.inForce().catalog.alerts?.[key] ?? { key, format: "alertmanager" };
    const api = await openSilenceApi(source, AbortSignal.timeout(PATIENCE));
    await (isWanted ? begin(app, silence, api) : end(app, silence, api));
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    const ending = app.now() > addDays(endsAt, ASKED_FOR) ? "over" : "ending";
    const wanted = error instanceof Invalid ? "refused" : "asked";
    await settle(app, silence, isWanted ? wanted : ending, error);
  }
}

async function begin(app: App, silence: ClaimedSilence, api: SilenceApi): Promise<void> {
  const { token, matchers, askedAt, endsAt, madeBy, reason, item } = silence;
  const standing = new Set((await api.standing(token)).map((each) => each.matchers));
  // One that means no alert would look as good.
  if (standing.size === 0 && (await api.firing(matchers)).size === 0)
    throw new Invalid(`${silence.source} knows no such alert now.`);
  const by = `${namesOf(app.inForce()).people[madeBy]?.name ?? madeBy} (Daytwo)`;
  const startsAt = subMinutes(askedAt, BEHIND);
  const comment = `${reason} (#${item}, ${token})`;
  for (const each of matchers.filter((one) => !standing.has(canonical(one)))) {
    try {
      await api.silence({ matchers: each, startsAt, endsAt, by, comment });
      standing.add(canonical(each));
    } catch (error) {
      // What is refused in part is taken back.
      if (error instanceof Invalid && standing.size > 0) return settle(app, silence, "ending", error);
      throw error;
    }
  }
  await settle(app, silence, "on", null);
}

async function end(app: App, silence: ClaimedSilence, api: SilenceApi): Promise<void> {
  const { token, matchers, state, attempts } = silence;
  const standing = await api.standing(token);
  for (const { id, isOver } of standing) if (!isOver) await api.end(id);
  // What a worker sent that has died may still be on its way.
  if (standing.length < matchers.length && state === "ending" && attempts === 0)
    return endLater(app, silence, { dueAt: addSeconds(app.now(), ARRIVES), attempts: 1 });
  const begun = await api.begunAfter(standing);
  const knows = begun === null ? app.now() : addMinutes(begun, TOLD_AGAIN);
  if (knows > app.now()) return endLater(app, silence, { dueAt: knows, attempts });
  const since = app.now();
  const firing = await api.firing(silence.matchers);
  const item = await itemById(app.db, silence.item);
  const kept = item === null ? [] : await firingOf(app.db, item.fingerprint);
  const gone = kept.filter(
    ({ fingerprint, labels }) =>
      !firing.has(fingerprint) && silence.matchers.some((matchers) => isMeant(matchers, labels)),
  );
  const fingerprints = gone.map(({ fingerprint }) => fingerprint);
  await endAlerts(app, [silence.source], async (change) => {
    const locked = await lockItem(change.db, silence.item);
    const ended = await endUnseen(change.db, { source: silence.source, fingerprints, since }, change.now);
    const over = { state: "over", dueAt: change.now, attempts: 0, problem: null } as const;
    const stands = await settleSilence(change.db, silence, over);
    if (locked === null || !stands) return ended;
    await tell(change, locked, "item.silence_over", { source: silence.source, ended: ended.length });
    await show(change, locked);
    return ended;
  });
}

async function endLater(
  app: App,
  silence: ClaimedSilence,
  next: { readonly dueAt: Date; readonly attempts: number },
): Promise<void> {
  await changeUnasked(app, async (change) => {
    const item = await lockItem(change.db, silence.item);
    const stands = await settleSilence(change.db, silence, { ...next, state: "ending", problem: null });
    if (item !== null && stands && silence.state !== "ending") await show(change, item);
  });
}

/** Keeps what came of a round, and tells it where somebody should know. */
async function settle(app: App, silence: ClaimedSilence, is: SilenceState, error: Expected | null): Promise<void> {
  const { id, source, item, endsAt, state } = silence;
  const why = error === null ? null : error.message.replace(/\.$/, "");
  const attempts = why === null ? 0 : silence.attempts + 1;
  const isAsked = state === "asked";
  if (why !== null) app.log.warn({ silence: id, source, attempts, why }, "a source does not do as it was asked");
  await changeUnasked(app, async (change) => {
    const locked = await lockItem(change.db, item);
    const dueAt = why === null ? endsAt : addSeconds(change.now, backOff(attempts - 1));
    // What is not begun after all is told in the thread; the card says what is still to be done.
    const problem = isAsked && is === "ending" ? null : why;
    const stands = await settleSilence(change.db, silence, { state: is, dueAt, attempts, problem });
    if (locked === null || !stands) return;
    const again = is === (isAsked ? "asked" : "ending");
    if (why === null) await tell(change, locked, "item.silenced", { source, until: endsAt.toISOString() });
    else if (!again || attempts === TOLD_AFTER)
      await tell(change, locked, "item.not_silenced", { source, why, asked: isAsked, again });
    if (is !== state || problem !== silence.problem) await show(change, locked);
  });
}
