import type { App } from "../app.ts";
import { alone } from "../broken.ts";
import { changeUnasked } from "../caller.ts";
import { backOff } from "../domain/back-off.ts";
import { serviceNameOf, type Catalog } from "../domain/catalog.ts";
import { addSeconds } from "../domain/time.ts";
import { WAKE_WORDS, type Wake } from "../domain/wake.ts";
import { tell } from "../items/card-and-thread.ts";
import { firstAddress } from "../slack/text.ts";
import { alertsOfItem } from "../store/alerts.ts";
import { hurry } from "../store/escalations.ts";
import { itemById, lockItem, type StoredItem } from "../store/items.ts";
import { claimWakes, putOffWake, settleWake, type ClaimedWake, type StoredWake } from "../store/wakes.ts";
import type { WakeFacts } from "../wakes/facts.ts";
import { raise } from "../wakes/index.ts";
import type { Outcome } from "../wakes/answer.ts";

/**
 * Makes alarms outside Slack equal to their rows. What was committed is sent at least once and tried again until it is
 * taken; the way's own key makes one alarm of several.
 */

const CLAIM = 30; // seconds that one call may take
const TOGETHER = 10;
const TOLD_AFTER = 3; // tries after which the item says that an alarm does not get through

const WAKING = { what: "waking people", severity: "critical" } as const;

/** One round; whether there was something to do. */
export async function wakePeople(app: App): Promise<boolean> {
  const now = app.now();
  const claimed = await claimWakes(app.db, TOGETHER, now, addSeconds(now, CLAIM));
  await Promise.all(
    claimed.map((wake) => alone(app, WAKING, `#${wake.item} by ${wake.via}`, () => wakeOne(app, wake))),
  );
  return claimed.length === TOGETHER;
}

async function wakeOne(app: App, wake: ClaimedWake): Promise<void> {
  const item = await itemById(app.db, wake.item);
  const way = wayOf(app.inForce().catalog, wake.via);
  const neverTried = wake.attempts < 0;
  // An alarm that was never tried need not be stopped.
  if (item === null || (wake.wanted !== "trigger" && (neverTried || way === null)))
    return void (await settleWake(app.db, wake, null));
  const outcome: Outcome =
    way === null
      ? { kind: "refused", why: "the catalog has no wake for them any more" }
      : await raise(way, await factsOf(app, wake, item));
  if (outcome.kind === "later") return later(app, wake, outcome.why, way);
  await changeUnasked(app, async (change) => {
    const locked = await lockItem(change.db, wake.item);
    const isOurs = await settleWake(change.db, wake, outcome.kind === "refused" ? outcome.why : null);
    if (!isOurs || locked === null || wake.wanted !== "trigger") return;
    const detail = { person: wake.person, by: way === null ? null : WAKE_WORDS[way.kind] };
    if (outcome.kind === "taken") return void (await tell(change, locked, "item.woken", detail));
    await tell(change, locked, "item.not_woken", { ...detail, why: outcome.why });
    // Nobody need wait for somebody who hears nothing.
    await hurry(change.db, wake.item, change.now);
  });
}

async function later(app: App, wake: ClaimedWake, why: string, way: Wake | null): Promise<void> {
  const attempts = Math.max(0, wake.attempts);
  app.log.warn({ wake: wake.id, via: wake.via, attempts, why }, "an alarm does not get through");
  await changeUnasked(app, async (change) => {
    const isOurs = await putOffWake(change.db, wake, addSeconds(change.now, backOff(attempts)), why);
    if (!isOurs || attempts + 1 !== TOLD_AFTER || wake.wanted !== "trigger" || way === null) return;
    const item = await lockItem(change.db, wake.item);
    if (item === null) return;
    await tell(change, item, "item.not_woken", { person: wake.person, by: WAKE_WORDS[way.kind], why, again: true });
    await hurry(change.db, wake.item, change.now);
  });
}

/** The wake that `person:ana` or `rotation:web` has in the catalog. */
function wayOf({ people, rotations }: Catalog, via: string): Wake | null {
  const [kind, key = ""] = via.split(":");
  return (kind === "person" ? people[key]?.wake : rotations?.[key]?.wake) ?? null;
}

async function factsOf(app: App, { via, wanted, person, askedAt }: StoredWake, item: StoredItem): Promise<WakeFacts> {
  const { catalog } = app.inForce();
  const service = item.service === null ? undefined : catalog.services[item.service];
  const runbook = (await runbookOfAlerts(app, item)) ?? service?.runbook;
  return {
    key: `daytwo/${app.workspace.team ?? "local"}/${item.id}/${via}`,
    alarm: wanted,
    summary: inOneLine(item, serviceNameOf(catalog, item.service)),
    item: item.id,
    service: item.service,
    severity: item.severity,
    person: catalog.people[person]?.name ?? person,
    at: askedAt,
    since: item.since,
    links: [
      ...(runbook === undefined ? [] : [{ href: runbook, text: "Runbook" }]),
      ...(service?.dashboard === undefined ? [] : [{ href: service.dashboard, text: "Dashboard" }]),
    ],
  };
}

/** As on the item's card: what an alert says to do about itself is nearer than what its service says of everything. */
async function runbookOfAlerts({ db }: App, { origin, fingerprint, since }: StoredItem): Promise<string | null> {
  if (origin !== "alert") return null;
  const { shown } = await alertsOfItem(db, fingerprint, since);
  return firstAddress(shown.map(({ runbook }) => runbook));
}

/** "#151 shop: 38 % of requests fail", without any markup. */
function inOneLine({ id, summary }: StoredItem, service: string | null): string {
  return `#${id}${service === null ? "" : ` ${service}`}: ${summary}`;
}
