import { addHours } from "../domain/time.ts";
import type { InForce } from "../in-force.ts";
import type { Change } from "../caller.ts";
import { canonical } from "../domain/canonical.ts";
import type { Party } from "../domain/duty.ts";
import { flaps, flapsFrom } from "../domain/flapping.ts";
import { hasOwnCard, moveItem, type Severity } from "../domain/item.ts";
import { placeNew, placeWorse } from "./folding.ts";
import { log, show, showHolders, tell } from "./card-and-thread.ts";
import { ownerOf } from "../ownership.ts";
import { wellsOf } from "../store/flapping.ts";
import { hasUnfinished } from "../store/operations.ts";
import { insertItem, lockNewest, saveItem, type NewItem, type StoredItem } from "../store/items.ts";
import { touchUpItem } from "../store/touch-ups.ts";

/** How items open, worsen, recover and close, whoever causes it. Everything runs inside a door's transaction. */

/** Hours within which the same again reopens the item in its thread; later it is a new item that follows the old one. */
export const REOPEN_HOURS = 24;

/** How long somebody has before an item is overdue, in hours. */
const DUE_HOURS: Record<Severity, number> = { critical: 4, warning: 72 };

export type Sighting = Pick<
  NewItem,
  "fingerprint" | "origin" | "service" | "responsibility" | "severity" | "summary" | "evidence" | "since"
> & {
  readonly owner?: Party | null;
  readonly ownedSince?: Date | null;
  readonly dueAt?: Date;
  readonly reverses?: number;
};

/** Opens an item for what was seen; one that exists already is counted, or reopened. */
export async function openItem(change: Change, inForce: InForce, seen: Sighting): Promise<StoredItem> {
  const newest = await lockNewest(change.db, seen.fingerprint);
  if (newest !== null && newest.state !== "resolved") {
    const again = await seeAgain(change, newest, seen);
    if (newest.severity !== again.severity) await placeWorse(change, inForce, again);
    return again;
  }
  if (newest !== null && isRecent(newest, change.now)) {
    const again = await reopen(change, inForce, newest, seen);
    // To its channel an item that never had a card of its own is a new one.
    if (!hasOwnCard(again)) await placeNew(change, inForce, [again]);
    return again;
  }
  const opened = await insertItem(change.db, newItem(change, inForce, seen, newest?.id ?? null));
  if (opened === null) return openItem(change, inForce, seen); // somebody opened the same in between: now it is there
  await log(change, opened, "item.opened", { summary: seen.summary, severity: seen.severity });
  await placeNew(change, inForce, [opened]);
  return opened;
}

/** The row of an item that opens. */
export function newItem(
  { now }: Pick<Change, "now">,
  inForce: InForce,
  seen: Sighting,
  follows: number | null,
): NewItem {
  return {
    ...seen,
    openedAt: now,
    owner: seen.owner ?? ownerOf(inForce, seen.service, seen.responsibility, now),
    ownedSince: seen.ownedSince ?? null,
    dueAt: seen.dueAt ?? dueOf(seen, now),
    follows,
  };
}

export function isRecent(item: StoredItem, now: Date): boolean {
  return item.resolvedAt !== null && now < addHours(item.resolvedAt, REOPEN_HOURS);
}

/**
 * The same was seen while the item is unresolved. If it got worse, it asks again and is due as early as a new critical one,
 * or earlier if it was. If it got better, it keeps its due time: somebody was promised it, and going up and down would put
 * it off for ever. Otherwise only what the card says may change.
 */
async function seeAgain(
  change: Change,
  item: StoredItem,
  seen: Pick<Sighting, "severity" | "summary" | "evidence">,
): Promise<StoredItem> {
  const worse = item.severity === "warning" && seen.severity === "critical";
  const eased = item.severity === "critical" && seen.severity === "warning";
  const next = await saveItem(change.db, item, {
    severity: seen.severity,
    summary: seen.summary,
    evidence: seen.evidence,
    seen: item.seen + 1,
    lastSeenAt: change.now,
    recovered: false,
    wellSince: null,
    ...(worse ? { ...UNACKNOWLEDGED, ...awake(item), dueAt: sooner(item.dueAt, dueOf(seen, change.now)) } : {}),
  });
  // Its thread has said once that it is flapping: each further change is only for the log.
  if (item.wellSince !== null) await log(change, item, "item.ill_again", { summary: seen.summary });
  if (worse) await tell(change, next, "item.worsened", { summary: seen.summary });
  if (eased) await tell(change, next, "item.eased", { summary: seen.summary });
  if (worse || eased || item.recovered || item.wellSince !== null) await show(change, next);
  else if (seen.summary !== item.summary || canonical(seen.evidence) !== canonical(item.evidence))
    await touchUpItem(change.db, item.id, change.now);
  return next;
}

function dueOf({ severity }: Pick<Sighting, "severity">, now: Date): Date {
  return addHours(now, DUE_HOURS[severity]);
}

function sooner(due: Date | null, other: Date): Date {
  return due !== null && due < other ? due : other;
}

async function reopen(change: Change, inForce: InForce, item: StoredItem, seen: Sighting): Promise<StoredItem> {
  const next = await saveItem(change.db, item, {
    ...UNACKNOWLEDGED,
    ...ownedAgain(change, inForce, item, seen),
    state: moveItem(item.id, item.state, "reopen"),
    severity: seen.severity,
    summary: seen.summary,
    evidence: seen.evidence,
    seen: item.seen + 1,
    since: seen.since,
    lastSeenAt: change.now,
    dueAt: seen.dueAt ?? dueOf(seen, change.now),
    resolvedAt: null,
    resolvedBy: null,
    resolution: null,
    recovered: false,
  });
  await tell(change, next, "item.reopened", { summary: seen.summary });
  await show(change, next);
  return next;
}

/** Whose an item is that came back: whoever took it has it still; whoever had it by the catalog alone may be off duty by now. */
function ownedAgain(
  { now }: Change,
  inForce: InForce,
  { owner, ownedSince, service, responsibility }: StoredItem,
  seen: Sighting,
): Pick<StoredItem, "owner" | "ownedSince"> {
  if (seen.owner !== undefined) return { owner: seen.owner, ownedSince: seen.ownedSince ?? null };
  return { owner: ownedSince === null ? ownerOf(inForce, service, responsibility, now) : owner, ownedSince };
}

/** The fields of an item that nobody has acknowledged. */
export const UNACKNOWLEDGED = {
  acknowledgedBy: null,
  acknowledgedAt: null,
  acknowledgedUntil: null,
  asksAt: null,
} as const;

/** The fields of an item that is not snoozed. */
export function awake(item: StoredItem): Pick<StoredItem, "state" | "snoozedUntil"> {
  return { state: item.state === "snoozed" ? moveItem(item.id, item.state, "wake") : item.state, snoozedUntil: null };
}

/** Its check passes again: resolved, unless an operation on it is still under way. */
export async function recover(change: Change, item: StoredItem, how: string): Promise<void> {
  if (await hasUnfinished(change.db, item.id)) {
    if (item.recovered) return;
    await saveItem(change.db, item, { recovered: true });
    await tell(change, item, "item.looks_well", { how });
    await show(change, item);
    return;
  }
  if (item.wellSince !== null) return;
  const before = (await wellsOf(change.db, [item.id], flapsFrom(change.now))).get(item.id) ?? [];
  const [first] = flaps([...before, change.now], change.now);
  if (first === undefined) await close(change, item, { by: null, how });
  else await keepOpen(change, item, { since: item.flappingSince ?? first, how });
}

/** The same for the item of a fingerprint, where one is open. */
export async function recoverIfOpen(change: Change, fingerprint: string, how: string): Promise<void> {
  const item = await lockNewest(change.db, fingerprint);
  if (item !== null && item.state !== "resolved") await recover(change, item, how);
}

/** It passes again but is flapping: it is over once it stays well, and nobody is called for each change. */
async function keepOpen(change: Change, item: StoredItem, { since, how }: { since: Date; how: string }): Promise<void> {
  const next = await saveItem(change.db, item, { flappingSince: since, wellSince: change.now, recovered: false });
  await log(change, item, "item.well_again", { how });
  if (item.flappingSince === null) await tell(change, next, "item.flapping", { since: since.toISOString() });
  await show(change, next);
}

/** By whom and how an item is closed; `by` is null where nobody closed it. */
type Done = { readonly by: string | null; readonly how: string };

export async function close(change: Change, item: StoredItem, done: Done): Promise<void> {
  const next = await closeQuietly(change, item, done);
  await tell(change, next, "item.resolved", { how: done.how });
  await show(change, next);
}

/** The same for the item of a fingerprint, where one is open. */
export async function closeIfOpen(change: Change, fingerprint: string, done: Done): Promise<void> {
  const item = await lockNewest(change.db, fingerprint);
  if (item !== null && item.state !== "resolved") await close(change, item, done);
}

/** Closes an item without a line about it in its thread. */
export async function closeQuietly(change: Change, item: StoredItem, done: Done): Promise<StoredItem> {
  const next = await saveItem(change.db, item, {
    state: moveItem(item.id, item.state, "resolve"),
    snoozedUntil: null,
    resolvedAt: change.now,
    resolvedBy: done.by,
    resolution: done.how,
    recovered: false,
    flappingSince: null,
    wellSince: null,
  });
  await showHolders(change, [item]);
  return next;
}
