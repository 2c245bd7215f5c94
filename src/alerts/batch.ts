import type { App } from "../app.ts";
import type { InForce } from "../in-force.ts";
import { changeUnasked, type Change } from "../caller.ts";
import { changeAll } from "../due.ts";
import { route, sourceOf, type Routed } from "../domain/routing.ts";
import { openItem, type Sighting } from "../items/lifecycle.ts";
import { deltasOf, type GroupDelta } from "./group-deltas.ts";
import { itemOfGroup, severityOf } from "./item-of-group.ts";
import type { Received } from "./received.ts";
import { inMaintenance } from "../windows/maintenance.ts";
import { openMany, recoverMany, restate } from "../items/lifecycle-of-many.ts";
import { changeGroups, groupsOf, type AlertGroup, type CountedGroup, type GroupChange } from "../store/alert-groups.ts";
import { countChange } from "../store/alert-writers.ts";
import { gravestOf, membersOf, type EndedAlert, type Member } from "../store/alerts.ts";
import { keepAlerts, lockSources, type AlertRow, type KeptAlert } from "../store/kept-alerts.ts";
import type { StoredItem } from "../store/items.ts";
import { lockUnresolved } from "../store/many-items.ts";
import { touchUpItems } from "../store/touch-ups.ts";

/**
 * The door for alerts: a batch of them becomes rows, and in the few groups that changed by it an item opens, counts or
 * resolves. Whatever has to know of alerts before they are items belongs in `changeItems`.
 */

/** Keeps a batch. Of several that are the same the last says how it is now. The keys of those that cannot be kept; all others are. */
export function takeAlerts(app: App, received: readonly Received[], writer: string): Promise<ReadonlySet<string>> {
  return changeAll(
    app,
    {
      what: "taking alerts",
      severity: "critical",
      nameOf: ({ key }) => key,
      work: (change, some) => take(app.inForce(), change, some, writer),
    },
    received,
  );
}

async function take(inForce: InForce, change: Change, received: readonly Received[], writer: string): Promise<void> {
  const { rows, routes } = folded(inForce, received);
  await lockSources(change.db, [...new Set(rows.map(({ source }) => source))]);
  const { kept, isDifferent } = await keepAlerts(change.db, rows, change.now);
  await changeItems(inForce, change, { kept, routes });
  if (isDifferent) await countChange(change.db, writer, change.now);
}

type Folded = { readonly rows: readonly AlertRow[]; readonly routes: ReadonlyMap<string, Routed> };

function folded({ catalog }: InForce, received: readonly Received[]): Folded {
  const rows = new Map<string, AlertRow>();
  const routes = new Map<string, Routed>();
  for (const { source, fingerprint, key, alert } of received) {
    const routed = route(catalog, source, alert);
    routes.set(routed.group, routed);
    const before = rows.get(key);
    rows.set(key, {
      key,
      source: source.key,
      fingerprint,
      itemFingerprint: routed.group,
      severity: routed.severity,
      // What is over says less than what it was.
      alert: alert.state === "resolved" && before !== undefined ? { ...before.alert, state: "resolved" } : alert,
    });
  }
  return { rows: [...rows.values()], routes };
}

type Batch = { readonly kept: readonly KeptAlert[]; readonly routes: ReadonlyMap<string, Routed> };

/** The one place where a batch of alerts becomes changes of items. The sources are locked. */
async function changeItems(inForce: InForce, change: Change, { kept, routes }: Batch): Promise<void> {
  const deltas = deltasOf(kept);
  if (deltas.size === 0) return;
  const told = [...deltas].flatMap(([group, delta]) => (delta.told.length > 0 ? [group] : []));
  const groups = await changeGroups(change.db, changesOf(deltas, routes), told);
  const seen = groups.flatMap((group): Seen[] => {
    const delta = deltas.get(group.itemFingerprint);
    return delta === undefined ? [] : [{ group, delta, item: group.item }];
  });
  // Of most groups there are only more or fewer alerts than before: nothing but what is to change is locked.
  const locked = await whole(change, seen.filter(changesItem));
  // Asked only now: an item may have been resolved, or opened, before it was locked.
  const isNew = locked.some(({ item, group }) => item === null && group.service !== null);
  const quiet = isNew ? await inMaintenance(inForce, change) : new Set<string>();
  // What begins in maintenance opens nothing before that ends; `reopenFiring` finds what goes on then.
  const changing = locked.filter(
    ({ item, group }) => item !== null || group.service === null || !quiet.has(group.service),
  );
  await showMembers(inForce, change, changing);
  const counted = [...changing, ...seen.filter((each) => !changesItem(each))].flatMap((each) =>
    each.item === null || each.group.firing === 0 || saysOtherwise(each) ? [] : [each.item.id],
  );
  counted.sort((a, b) => a - b);
  if (counted.length > 0) await touchUpItems(change.db, counted, change.now);
}

function changesOf(deltas: ReadonlyMap<string, GroupDelta>, routes: Batch["routes"]): GroupChange[] {
  return [...deltas].map(([group, { firing, critical }]) => {
    const { title = "alerts", service = null, responsibility = "on-call" } = routes.get(group) ?? {};
    const source = sourceOf({ fingerprint: group }) ?? "";
    return { itemFingerprint: group, source, title, service, responsibility, firing, critical };
  });
}

/** A group, what a batch did to it, and its item that is not resolved. */
type Seen = { readonly group: CountedGroup; readonly delta: GroupDelta; readonly item: CountedGroup["item"] };
type Whole = { readonly group: AlertGroup; readonly delta: GroupDelta; readonly item: StoredItem | null };

/** The same with all that is known of them, and the items locked. */
async function whole({ db }: Change, seen: readonly Seen[]): Promise<Whole[]> {
  const fingerprints = seen.map(({ group }) => group.itemFingerprint);
  const groups = new Map((await groupsOf(db, fingerprints)).map((group) => [group.itemFingerprint, group]));
  const items = new Map((await lockUnresolved(db, fingerprints)).map((item) => [item.fingerprint, item]));
  return seen.flatMap(({ delta, group: { itemFingerprint } }) => {
    const group = groups.get(itemFingerprint);
    return group === undefined ? [] : [{ group, delta, item: items.get(itemFingerprint) ?? null }];
  });
}

function changesItem(seen: Seen | Whole): boolean {
  return saysOtherwise(seen) || isOver(seen);
}

function isOver({ group, delta }: Seen | Whole): boolean {
  return group.firing === 0 && delta.ended > 0 && delta.told.length === 0;
}

/** Each of these items is touched once: it opens, says something else, or resolves. */
async function showMembers(inForce: InForce, change: Change, seen: readonly Whole[]): Promise<void> {
  const telling = seen.filter(saysOtherwise);
  const members = await gravestOf(
    change.db,
    telling.filter(({ group }) => group.firing > 0).map(({ group }) => group.itemFingerprint),
  );
  const gravest = new Map(members.map((member) => [member.itemFingerprint, member]));
  const opening: Sighting[] = [];
  const restated: { item: StoredItem; seen: Sighting }[] = [];
  for (const { group, delta, item } of telling) {
    const member = gravest.get(group.itemFingerprint);
    if (member === undefined) {
      if (delta.told.length > 0) await tell(inForce, change, { group, delta, item });
    } else if (item !== null && isOnlyRestated(item, group)) {
      restated.push({ item, seen: itemOfGroup(group, member) });
    } else {
      opening.push(itemOfGroup(group, member));
    }
  }
  await openMany(change, inForce, opening);
  await restate(change, restated);
  const over = seen.filter(isOver).flatMap(({ delta, item }) => {
    const how = delta.ended === 1 ? "its alert is over" : "its alerts are over";
    return item === null ? [] : [{ item, how }];
  });
  await recoverMany(change, over);
}

/**
 * Whether the item itself has to change, and not only what its card counts. What a person closed stays closed while the
 * same alerts go on; one that begins anew opens it again. Groups that `changeGroups` does not give back are never asked: a new
 * reason has to stand there too.
 */
function saysOtherwise({ group, delta, item }: Seen | Whole): boolean {
  if (delta.told.length > 0) return true;
  if (group.firing === 0) return false;
  if (item === null) return delta.began > 0;
  const before = group.firing - delta.firing;
  const isOne = group.firing === 1;
  return item.severity !== severityOf(group) || before < 1 || isOne !== (before === 1) || item.recovered;
}

/** It is as bad as it was and fires on: only its words are others. */
function isOnlyRestated(item: StoredItem, group: AlertGroup): boolean {
  return item.severity === severityOf(group) && !item.recovered && item.wellSince === null;
}

/** What was only told opens an item, or is seen again on it; it makes none milder. */
async function tell(inForce: InForce, change: Change, { group, delta, item }: Whole): Promise<void> {
  const [newest] = await newestTold(change, delta);
  if (newest === undefined) return;
  const grave = delta.told.some(({ severity }) => severity === "critical") || item?.severity === "critical";
  await openItem(change, inForce, {
    ...itemOfGroup({ ...group, firing: 1 }, newest),
    severity: grave ? "critical" : "warning",
  });
}

function newestTold(change: Change, { told }: GroupDelta): Promise<Member[]> {
  return membersOf(
    change.db,
    told.slice(-1).map(({ source, fingerprint }) => ({ source, fingerprint })),
  );
}

/** A writer that is no process: each of them, this one too, forgets what it knows of alerts by its change. */
const NO_PROCESS = "00000000-0000-0000-0000-000000000000";

/** Ends alerts of these sources by what we find out ourselves: `end` ends their rows, and says which. */
export async function endAlerts(
  app: App,
  sources: readonly string[],
  end: (change: Change) => Promise<readonly EndedAlert[]>,
): Promise<void> {
  await changeUnasked(app, (change) => endIn(app, change, sources, () => end(change)));
}

export async function endIn(
  app: App,
  change: Change,
  sources: readonly string[],
  end: () => Promise<readonly EndedAlert[]>,
): Promise<void> {
  await lockSources(change.db, sources);
  const ended = await end();
  if (ended.length === 0) return;
  const kept = ended.map((each): KeptAlert => {
    const { itemFingerprint: wasIn, severity: wasSeverity } = each;
    return { ...each, state: "resolved", was: "firing", wasIn, wasSeverity };
  });
  await changeItems(app.inForce(), change, { kept, routes: new Map() });
  await countChange(change.db, NO_PROCESS, change.now);
}
