import { addMilliseconds, addDays, subMinutes } from "../domain/time.ts";
import type { App } from "../app.ts";
import { alone, broke, leftAlone } from "../broken.ts";
import { changeUnasked, type Change } from "../caller.ts";
import type { Catalog } from "../domain/catalog.ts";
import { personOf } from "../domain/duty.ts";
import { CHAINS, dueOf, nextTelling, stepAt, type Step } from "../domain/escalation.ts";
import { waitsForSomebody, type Severity } from "../domain/item.ts";
import { WORKING_HOURS, type WorkingHours } from "../domain/working-hours.ts";
import { nameOfItem } from "../due.ts";
import { show } from "../items/card-and-thread.ts";
import { awayByStatus, refreshPeople } from "../slack-accounts.ts";
import {
  beginChains,
  dropActedOn,
  dueEscalations,
  forgottenItems,
  lockEscalation,
  saveEscalation,
  withoutChain,
  type Waiting,
} from "../store/escalations.ts";
import { newestEvent } from "../store/events.ts";
import { foldedParties } from "../store/folding.ts";
import { itemById, lockItemIfFree, type StoredItem } from "../store/items.ts";
import { isBusyWith } from "../store/operations.ts";
import { redraw } from "../store/postings.ts";
import { stopWakes } from "../store/wakes.ts";
import { respondersOf, type Statuses } from "./responders.ts";
import { tellOf } from "./telling.ts";

/**
 * An open item that nobody has seen tells one after another, until somebody acts. Which items those are is asked of their
 * rows each time, so that whatever opens, wakes or hands over an item begins its chain, and nothing has to remember to.
 */

const BATCH = 20; // steps of one round
const BEGUN_AT_ONCE = 500;
const WAITS_FOR_OTHERS = 20; // minutes after which what does not run yet, as nobody approves it, is nobody's acting any more
const WHILE_IT_RUNS = 10 * 60_000; // ms after which it is looked at again whether somebody has to be told

/** Takes each step that is due. */
export async function escalate(app: App): Promise<void> {
  const left = leftAlone(app, TELLING);
  const all = await dueEscalations(app.db, app.now(), BATCH + left.size);
  const due = all.filter((item) => !left.has(nameOfItem({ id: item })));
  if (due.length === 0) return;
  // Where somebody left, what is theirs is handed over first: the next round tells.
  if (await refresh(app, due)) return;
  const statuses = await awayByStatus(app);
  for (const id of due)
    await alone(app, TELLING, nameOfItem({ id }), () =>
      changeUnasked(app, (change) => takeStep(app, change, id, statuses)),
    );
}

/** An item whose step breaks stays due in its row, so that whoever looks at rows sees that it is overdue. */
const TELLING = { what: "telling people of items that wait", severity: "critical" } as const;

/** ms after which items are looked through although nothing seems to have happened: an older event may have come late. */
const LOOK_ANYWAY = 10_000;

/** There may be many open items: they are looked through when something was written down since this process did so last. */
export async function keepChains(app: App): Promise<void> {
  const event = await newestEvent(app.db);
  const before = app.memory.chainsKept;
  const now = app.now();
  if (before?.event === event && now.getTime() - before.at.getTime() < LOOK_ANYWAY) return;
  const isDone = await beginAndEnd(app);
  if (isDone) app.memory.chainsKept = { event, at: now };
}

/** Chains of items that wait for somebody are there, those of others are not, and their alarms stop. False while there are more. */
async function beginAndEnd(app: App): Promise<boolean> {
  return changeUnasked(app, async ({ db, now }) => {
    await dropActedOn(db);
    await stopWakes(db, now);
    const waiting = await withoutChain(db, BEGUN_AT_ONCE);
    if (waiting.length === 0) return true;
    const begun = waiting.map((item) => ({ ...item, dueAt: firstDue(app, item, now) }));
    await beginChains(db, begun, now);
    for (const { id } of waiting.filter(({ isTold }) => isTold)) await redraw(db, "item", id, null, now);
    return waiting.length < BEGUN_AT_ONCE;
  });
}

/** The person who owns a new item was told of it another way: a chain that begins with them goes on from there. */
export async function ownerKnows({ inForce }: App, { db, now }: Change, item: StoredItem): Promise<void> {
  const { catalog } = inForce();
  const { id, service, severity } = item;
  const chain = chainOf(catalog, item);
  if (stepAt(chain, severity, 0).tell !== "owner") return;
  const owner = personOf(item.owner) ?? "";
  const dueAt = dueOf(stepAt(chain, severity, 1), severity, now, hoursOf(catalog, owner));
  await beginChains(db, [{ id, service, severity, owner, isTold: false, dueAt }], now);
  await saveEscalation(db, { item: id, position: 1, told: [owner], toldAt: now, dueAt });
}

/** Where that cannot be worked out, the step is due now and breaks by itself: other chains begin all the same. */
function firstDue(app: App, item: Waiting, now: Date): Date {
  const { catalog } = app.inForce();
  try {
    const step = stepAt(chainOf(catalog, item), item.severity, 0);
    return dueOf(step, item.severity, now, hoursOf(catalog, item.owner));
  } catch (err) {
    app.log.error({ err, item: item.id }, "an item's first step cannot be reckoned");
    return now;
  }
}

/** Whether somebody is still there is asked before they are told, and not while rows are locked. True where that changed. */
async function refresh(app: App, due: readonly number[]): Promise<boolean> {
  const people = await Promise.all(
    due.map((id) =>
      whoMayBeTold(app, id).catch((error: unknown) => {
        broke(app, TELLING, nameOfItem({ id }), error);
        return [];
      }),
    ),
  );
  const isChanged = await refreshPeople(app, [...new Set(people.flat())]);
  if (isChanged) await app.followCatalog();
  return isChanged;
}

async function whoMayBeTold(app: App, id: number): Promise<string[]> {
  const item = await itemById(app.db, id);
  if (item === null) return [];
  const parts = await foldedParties(app.db, id);
  const known = { parts, statuses: new Map<string, never>(), now: app.now() };
  const { onCall, others, owner, owners = [] } = respondersOf(app.inForce(), item, known);
  return [...onCall, ...others, ...owners, ...[owner].flatMap((party) => personOf(party) ?? [])];
}

async function takeStep(app: App, change: Change, id: number, statuses: Statuses): Promise<void> {
  const inForce = app.inForce();
  // Where somebody has it, they may be acting, and the next round asks again: nobody else is to wait for that.
  const item = await lockItemIfFree(change.db, id);
  const escalation = await lockEscalation(change.db, id);
  if (item === null || escalation === null || escalation.dueAt > change.now || !waitsForSomebody(item)) return;
  // Whoever asked for something is acting, unless it waits for others for long; what is well at the moment may be over.
  const isBusy = await isBusyWith(change.db, id, subMinutes(change.now, WAITS_FOR_OTHERS));
  if (item.wellSince !== null || item.recovered || isBusy)
    return saveEscalation(change.db, { ...escalation, dueAt: addMilliseconds(change.now, WHILE_IT_RUNS) });
  const parts = await foldedParties(change.db, id);
  const responders = respondersOf(inForce, item, { parts, statuses, now: change.now });
  const chain = chainOf(inForce.catalog, item);
  const { telling, position } = nextTelling(chain, item.severity, escalation, responders);
  const next = stepAt(chain, item.severity, position);
  const dueAt = dueOf(next, item.severity, change.now, hoursOf(inForce.catalog, personOf(item.owner) ?? ""));
  if (telling === null) return saveEscalation(change.db, { ...escalation, position, dueAt });
  const told = [...new Set([...escalation.told, ...telling.people])];
  await saveEscalation(change.db, { item: id, position, told, toldAt: change.now, dueAt });
  await tellOf(inForce, change, item, { telling, before: escalation.told });
  await show(change, item);
}

function chainOf(
  { services, escalation }: Catalog,
  { service, severity }: { readonly service: string | null; readonly severity: Severity },
): readonly Step[] {
  const own = service === null ? undefined : services[service]?.escalation?.[severity];
  return own ?? escalation?.[severity] ?? CHAINS[severity];
}

/** Working hours by the clocks of a person; of a rotation's member by the rotation's where they have none of their own. */
export function hoursOf({ people, rotations, workingHours }: Catalog, person: string): WorkingHours {
  const hours = workingHours ?? WORKING_HOURS;
  const theirs = Object.values(rotations ?? {}).find(({ members }) => members.includes(person))?.zone;
  return { ...hours, zone: people[person]?.zone ?? theirs ?? hours.zone };
}

/** Within this a critical item that nobody has seen must have a step that is to come. */
const WITHIN_DAYS = 1;
const OVERDUE_MINUTES = 5;

/** Shows that no critical item is forgotten: one that nobody would hear of again is said in the log, loudly, each time. */
export async function proveNoneForgotten(app: App): Promise<false> {
  const now = app.now();
  const forgotten = await forgottenItems(app.db, subMinutes(now, OVERDUE_MINUTES), addDays(now, WITHIN_DAYS));
  if (forgotten.length > 0)
    app.log.error({ items: forgotten }, "critical items wait for somebody, and nobody is told of them in time");
  return false;
}
