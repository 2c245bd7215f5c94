import { subHours, subSeconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { InForce } from "../in-force.ts";
import { alone, leftAlone } from "../broken.ts";
import { changeUnasked, type Change } from "../caller.ts";
import type { Alert } from "../domain/alert.ts";
import type { AlertSource } from "../domain/alert-source.ts";
import { changeAll } from "../due.ts";
import { OnlySome } from "../group-commit.ts";
import { hashOf, route, sourceOf, type Routed } from "../domain/routing.ts";
import { openItem, REOPEN_HOURS, type Sighting } from "../items/life.ts";
import { severityOf, sighting } from "./sighting.ts";
import { turnsOf, type Turn } from "./turns.ts";
import { inMaintenance } from "../maintenance.ts";
import { openMany, recoverMany, restate } from "../items/many.ts";
import {
  changeGroups,
  firingUnseen,
  groupsOf,
  type AlertGroup,
  type CountedGroup,
  type GroupChange,
} from "../store/alert-groups.ts";
import { countChange } from "../store/alert-writers.ts";
import { endSilent, gravestOf, membersOf, silentAlerts, type EndedAlert, type Member } from "../store/alerts.ts";
import { keepAlerts, lockSources, type AlertRow, type KeptAlert } from "../store/kept-alerts.ts";
import type { StoredItem } from "../store/items.ts";
import { lockUnresolved } from "../store/many-items.ts";
import { touchUpItems } from "../store/touch-ups.ts";

/**
 * The door for alerts: a batch of them becomes rows, and for the few groups that changed an item that opens, counts or
 * resolves. Everything that shall know of alerts before they are items belongs into `settle`.
 */

/** One alert, and the name by which its row is found again. */
export type Received = {
  readonly source: AlertSource;
  readonly fingerprint: string;
  readonly alert: Alert;
};

/** By which a row is found again. */
export function fingerprintOf(alert: Alert): string {
  return hashOf(alert.identity);
}

/**
 * Keeps a batch in one transaction. Of several that are the same the last says how it is now. @throws where one of them cannot be
 * kept, so that whoever sent it sends it again; the others are
 */
export async function takeAlerts(app: App, received: readonly Received[], writer: string): Promise<void> {
  const isAll = await changeAll(
    app,
    {
      what: "taking alerts",
      severity: "critical",
      nameOf: ({ source, fingerprint }) => `${source.key}/${fingerprint}`,
      work: (change, some) => take(app.inForce(), change, some, writer),
    },
    received,
  );
  if (!isAll) throw new OnlySome("some alerts could not be kept, the others are");
}

async function take(inForce: InForce, change: Change, received: readonly Received[], writer: string): Promise<void> {
  const { rows, routes } = folded(inForce, received);
  await lockSources(change.db, [...new Set(rows.map(({ source }) => source))]);
  const { kept, isDifferent } = await keepAlerts(change.db, rows, change.now);
  await settle(inForce, change, { kept, routes });
  if (isDifferent) await countChange(change.db, writer, change.now);
}

type Folded = { readonly rows: readonly AlertRow[]; readonly routes: ReadonlyMap<string, Routed> };

function folded({ catalog }: InForce, received: readonly Received[]): Folded {
  const rows = new Map<string, AlertRow>();
  const routes = new Map<string, Routed>();
  for (const { source, fingerprint, alert } of received) {
    const key = `${source.key}/${fingerprint}`;
    const routed = route(catalog, source, alert);
    routes.set(routed.group, routed);
    const before = rows.get(key);
    rows.set(key, {
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
async function settle(inForce: InForce, change: Change, { kept, routes }: Batch): Promise<void> {
  const turns = turnsOf(kept);
  if (turns.size === 0) return;
  const groups = await changeGroups(change.db, changesOf(turns, routes));
  const seen = groups.flatMap((group): Seen[] => {
    const turn = turns.get(group.itemFingerprint);
    return turn === undefined ? [] : [{ group, turn, item: group.item }];
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

function changesOf(turns: ReadonlyMap<string, Turn>, routes: Batch["routes"]): GroupChange[] {
  return [...turns].map(([group, { firing, critical }]) => {
    const { title = "alerts", service = null, responsibility = "on-call" } = routes.get(group) ?? {};
    const source = sourceOf({ fingerprint: group }) ?? "";
    return { itemFingerprint: group, source, title, service, responsibility, firing, critical };
  });
}

/** A group, what a batch did to it, and its item that is not resolved. */
type Seen = { readonly group: CountedGroup; readonly turn: Turn; readonly item: CountedGroup["item"] };
type Whole = { readonly group: AlertGroup; readonly turn: Turn; readonly item: StoredItem | null };

/** The same with all that is known of them, and the items locked. */
async function whole({ db }: Change, seen: readonly Seen[]): Promise<Whole[]> {
  const fingerprints = seen.map(({ group }) => group.itemFingerprint);
  const groups = new Map((await groupsOf(db, fingerprints)).map((group) => [group.itemFingerprint, group]));
  const items = new Map((await lockUnresolved(db, fingerprints)).map((item) => [item.fingerprint, item]));
  return seen.flatMap(({ turn, group: { itemFingerprint } }) => {
    const group = groups.get(itemFingerprint);
    return group === undefined ? [] : [{ group, turn, item: items.get(itemFingerprint) ?? null }];
  });
}

function changesItem(seen: Seen | Whole): boolean {
  return saysOtherwise(seen) || isOver(seen);
}

function isOver({ group, turn }: Seen | Whole): boolean {
  return group.firing === 0 && turn.ended > 0 && turn.told.length === 0;
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
  for (const { group, turn, item } of telling) {
    const member = gravest.get(group.itemFingerprint);
    if (member === undefined) {
      if (turn.told.length > 0) await tell(inForce, change, { group, turn, item });
    } else if (item !== null && isOnlyRestated(item, group)) {
      restated.push({ item, seen: sighting(group, member) });
    } else {
      opening.push(sighting(group, member));
    }
  }
  await openMany(change, inForce, opening);
  await restate(change, restated);
  const over = seen.filter(isOver).flatMap(({ turn, item }) => {
    const how = turn.ended === 1 ? "its alert is over" : "its alerts are over";
    return item === null ? [] : [{ item, how }];
  });
  await recoverMany(change, over);
}

/**
 * Whether the item itself has to change, and not only what its card counts. What a person closed stays closed while the
 * same alerts go on; one that begins anew opens it again.
 */
function saysOtherwise({ group, turn, item }: Seen | Whole): boolean {
  if (turn.told.length > 0) return true;
  if (group.firing === 0) return false;
  if (item === null) return turn.began > 0;
  const before = group.firing - turn.firing;
  const isOne = group.firing === 1;
  return item.severity !== severityOf(group) || before < 1 || isOne !== (before === 1) || item.recovered;
}

/** It is as bad as it was and fires on: only its words are others. */
function isOnlyRestated(item: StoredItem, group: AlertGroup): boolean {
  return item.severity === severityOf(group) && !item.recovered && item.wellSince === null;
}

/** What was only told opens an item, or is seen again on it; it makes none milder. */
async function tell(inForce: InForce, change: Change, { group, turn, item }: Whole): Promise<void> {
  const [newest] = await newestTold(change, turn);
  if (newest === undefined) return;
  const grave = turn.told.some(({ severity }) => severity === "critical") || item?.severity === "critical";
  await openItem(change, inForce, {
    ...sighting({ ...group, firing: 1 }, newest),
    severity: grave ? "critical" : "warning",
  });
}

function newestTold(change: Change, { told }: Turn): Promise<Member[]> {
  return membersOf(
    change.db,
    told.slice(-1).map(({ source, fingerprint }) => ({ source, fingerprint })),
  );
}

/** The writer that stands for what time does by itself. */
const TIME = "00000000-0000-0000-0000-000000000000";
/** Seconds that an unchanged alert may be remembered before it is kept again: so late its end may still move on. */
export const REMEMBERED = 30;

/** Alerts whose source ends them by silence, and is silent. */
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

/** Ends alerts of these sources by what we find out ourselves: those that `end` has ended and names. */
export async function endAlerts(
  app: App,
  sources: readonly string[],
  end: (change: Change) => Promise<readonly EndedAlert[]>,
): Promise<void> {
  await changeUnasked(app, (change) => endIn(app, change, sources, () => end(change)));
}

async function endIn(
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
  await settle(app.inForce(), change, { kept, routes: new Map() });
  await countChange(change.db, TIME, change.now);
}

/** What a person closed while it still fires comes back after the reopen window, and what began in maintenance after that. */
export async function reopenFiring(app: App): Promise<void> {
  const now = app.now();
  const quiet = await inMaintenance(app.inForce(), { db: app.db, now });
  const unseen = { closedBefore: subHours(now, REOPEN_HOURS), quiet: [...quiet] };
  const left = leftAlone(app, REOPENING);
  for (const { source, itemFingerprint } of await firingUnseen(app.db, unseen, 50 + left.size)) {
    await alone(app, REOPENING, itemFingerprint, () =>
      changeUnasked(app, async (change) => {
        await lockSources(change.db, [source]);
        const [group] = await firingUnseen(change.db, unseen, 1, itemFingerprint);
        const [member] = await gravestOf(change.db, [itemFingerprint]);
        if (group !== undefined && member !== undefined) await openItem(change, app.inForce(), sighting(group, member));
      }),
    );
  }
}

const REOPENING = { what: "opening what fires again", severity: "critical" } as const;
