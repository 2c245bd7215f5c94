import type { App } from "./app.ts";
import type { Desk } from "./domain/board/desk.ts";
import type { OperationCard } from "./domain/board/operation-card.ts";
import type { ItemCard } from "./domain/board/item-card.ts";
import type { EventLine } from "./domain/board/event-line.ts";
import type { Service } from "./domain/catalog.ts";
import { isHelpable, stormChannel, type Item } from "./domain/item.ts";
import { subDays } from "./domain/time.ts";
import type { Observation } from "./domain/observation.ts";
import { may, type Actor } from "./domain/permit.ts";
import type { Declared } from "./domain/task.ts";
import { Invalid } from "./errors.ts";
import { besides } from "./board/held.ts";
import { justBefore } from "./board/just-before.ts";
import { NOISE_DAYS } from "./items/noise.ts";
import { neighbours } from "./board/neighbours.ts";
import { aloneIsOpen, approversOf } from "./domain/approving.ts";
import { aloneBy } from "./operations/going-alone.ts";
import { dutiesOf } from "./ownership.ts";
import { namesOf } from "./people.ts";
import { suggestedRoute } from "./domain/routing.ts";
import { alertsOfItem, newestAlertOf } from "./store/alerts.ts";
import { silenceOf } from "./alerts/silencing.ts";
import { first } from "./board/first.ts";
import { fittingActions } from "./board/fitting.ts";
import { escalationLine, onCall } from "./board/on-call.ts";
import { askedOf } from "./store/asked.ts";
import { countEvents, eventById, eventsOf, progressOf, type EventFilter } from "./store/events.ts";
import { countUnresolved, itemById, unresolved, type StoredItem } from "./store/items.ts";
import { foldedUnder, talliesOf } from "./store/folding.ts";
import { wellsOf } from "./store/flapping.ts";
import { noiseOf } from "./store/noises.ts";
import { observationsOf } from "./store/observations.ts";
import {
  awaitingApproval,
  countAwaiting,
  decisionsOf,
  operationById,
  operationsOfItem,
  servicesAwaiting,
  type StoredOperation,
} from "./store/operations.ts";
import { postingAt } from "./store/postings.ts";
import { stepsOf } from "./store/steps.ts";
import { lineOf } from "./board/windows.ts";
import { maintenanceOver, windowsOpen } from "./store/windows.ts";

/** The reading door: whole answers for views. It changes nothing. */

export { digest } from "./board/digest.ts";
export { owners, status } from "./board/services.ts";
export { itemFor } from "./board/fitting.ts";
export { stillCard } from "./board/held.ts";
export { handover, onCall } from "./board/on-call.ts";

/** @throws Invalid when there is none. */
export async function item(app: App, id: number): Promise<StoredItem> {
  const found = await itemById(app.db, id);
  if (found === null) throw new Invalid(`There is no item #${id}.`, { hint: "`/day2 items` lists the open ones." });
  return found;
}

/** @throws Invalid when there is none. */
export async function operation(app: App, id: number): Promise<StoredOperation> {
  const found = await operationById(app.db, id);
  if (found === null)
    throw new Invalid(`There is no operation op-${id}.`, { hint: "`/day2` shows what waits for you." });
  return found;
}

export async function itemCard(app: App, id: number): Promise<ItemCard> {
  const inForce = app.inForce();
  const found = await item(app, id);
  const service = found.service === null ? undefined : inForce.catalog.services[found.service];
  const operations = await operationsOfItem(app.db, id, 5);
  return {
    now: app.now(),
    names: namesOf(inForce),
    item: found,
    serviceName: service?.name ?? found.service,
    duty: service === undefined ? null : (dutiesOf(inForce, service)[found.responsibility] ?? null),
    runbook: service?.runbook ?? null,
    dashboard: service?.dashboard ?? null,
    operations,
    maintenance: service === undefined ? null : await maintenanceOf(app, service),
    noise: found.state === "resolved" ? null : await noiseOf(app.db, found.fingerprint, subDays(app.now(), NOISE_DAYS)),
    fitting:
      service === undefined || !isHelpable(found) ? [] : await fittingActions(app, service, found.responsibility),
    ...(found.origin === "alert" && found.state !== "resolved"
      ? { alerts: await alertsOfItem(app.db, found.fingerprint, found.since) }
      : {}),
    ...(await silenceOf(app, found)),
    ...(await escalationLine(app, found)),
    ...(await foldsOf(app, found)),
    ...(found.flappingSince === null
      ? {}
      : { flapped: (await wellsOf(app.db, [id], found.flappingSince)).get(id)?.length ?? 0 }),
    ...(service === undefined || found.severity !== "critical" || found.state === "resolved"
      ? { before: null, neighbours: { shown: [], more: 0 } }
      : {
          before: await justBefore(app, service, found.since),
          neighbours: await neighbours(app, service, found.fingerprint),
        }),
  };
}

const FOLDED_SHOWN = 3;

async function foldsOf(app: App, item: StoredItem): Promise<Pick<ItemCard, "folds">> {
  if (item.state === "resolved" || item.severity !== "critical" || stormChannel(item) !== null) return {};
  const shown = await foldedUnder(app.db, item.id, FOLDED_SHOWN);
  if (shown.length === 0) return {};
  const tallies = await talliesOf(app.db, item.id);
  const { services } = app.inForce().catalog;
  return {
    folds: {
      open: tallies.reduce((sum, { open }) => sum + open, 0),
      shown: shown.map(({ id, service }) => ({
        id,
        serviceName: service === null ? null : (services[service]?.name ?? service),
      })),
    },
  };
}

async function maintenanceOf(app: App, { key, environment }: Service): Promise<ItemCard["maintenance"]> {
  const found = await maintenanceOver(app.db, { service: key, environment }, app.now());
  return found === null ? null : lineOf(found);
}

/** The lines of the catalog that would say whose the alerts of an item are. @throws Invalid where it is not about alerts */
export async function suggestedLines(app: App, id: number): Promise<string[]> {
  const { fingerprint } = await item(app, id);
  const newest = await newestAlertOf(app.db, fingerprint);
  if (newest === null) throw new Invalid(`#${id} is not about alerts that the catalog could route.`);
  return suggestedRoute(newest.source, newest.labels);
}

/** A task of a service as the catalog has it, or a sequence, which takes no arguments; null where it has none of that name. */
export function declared(app: App, service: string, wanted: string | undefined): Declared | null {
  const { tasks = [], sequences = [] } = app.inForce().catalog.services[service] ?? {};
  const sequence = sequences.find(({ name }) => name === wanted);
  if (sequence === undefined) return tasks.find(({ name }) => name === wanted) ?? null;
  return { ...sequence, command: [], arguments: [] };
}

/** What was last seen of a target; null where nothing was yet. */
export async function observation(app: App, target: string): Promise<Observation | null> {
  return (await observationsOf(app.db, [target]))[0]?.body ?? null;
}

/** The item whose thread this is; null where it is none of ours. */
export async function itemOfThread(app: App, channel: string, ts: string): Promise<number | null> {
  const posting = await postingAt(app.db, channel, ts);
  return posting?.subjectKind === "item" ? posting.subject : null;
}

export async function operationCard(app: App, id: number): Promise<OperationCard> {
  const found = await operation(app, id);
  const inForce = app.inForce();
  const steps = await stepsOf(app.db, id);
  const step = steps.at(-1);
  const decisions = await decisionsOf(app.db, id);
  return {
    now: app.now(),
    names: namesOf(inForce),
    operation: found,
    serviceName: inForce.catalog.services[found.service]?.name ?? found.service,
    decisions,
    approvers: found.approvals === 0 ? [] : approversOf(inForce.catalog, found).map((person) => person.key),
    asked: found.approvals === 0 ? [] : await askedOf(app.db, id),
    restAt: found.restAt,
    alone: aloneIsOpen(found, decisions, app.now()) ? aloneBy(app, found).map((person) => person.key) : [],
    progress: await progressOf(app.db, id, 8),
    needsPerson:
      step?.state === "needs_human" && found.state === "running"
        ? {
            target: step.target,
            sentAt: step.intentAt,
            seen: step.outcome ?? "what happened is not known",
            lookingSince: step.lookAskedAt,
          }
        : null,
    steps: found.plan?.steps === undefined ? [] : steps.map((each) => ({ ...each, sentAt: each.intentAt })),
  };
}

export async function eventLine(app: App, id: number): Promise<EventLine | null> {
  return eventById(app.db, id);
}

const COUNTED = 10_000; // events; nobody waits until a log of years is counted

/** The newest of what happened, newest last, and how much happened in all; `isMore` where that is not counted to its end. */
export async function history(
  app: App,
  filter: EventFilter,
): Promise<{ lines: EventLine[]; count: number; isMore: boolean }> {
  const lines = await eventsOf(app.db, filter, 50);
  const count = lines.length < 50 ? lines.length : await countEvents(app.db, filter, COUNTED);
  return { lines, count, isMore: count === COUNTED };
}

export type ItemsWanted = { readonly who: "mine" | "unowned" | "all"; readonly service: string | null };

export async function items(
  app: App,
  actor: Actor,
  wanted: ItemsWanted,
  limit = 20,
): Promise<{ items: Item[]; count: number }> {
  const filter = {
    ...(wanted.service === null ? {} : { services: [wanted.service] }),
    ...(wanted.who === "unowned" ? { unowned: true } : {}),
    ...(wanted.who === "mine" ? { person: partiesOf(app, actor) } : {}),
  };
  return first(app, filter, limit);
}

function partiesOf(app: App, actor: Actor): { key: string; teams: readonly string[] } {
  const person = actor.person === null ? undefined : app.inForce().catalog.people[actor.person];
  return { key: actor.person ?? actor.account, teams: person?.teams ?? [] };
}

/** What needs this person now. */
export async function needsMe(app: App, actor: Actor): Promise<Desk> {
  const inForce = app.inForce();
  const { catalog } = inForce;
  const catalogHasPeople = Object.keys(catalog.people).length > 0;
  const person = partiesOf(app, actor);
  const [mine, all, unowned, waiting, windows, beside] = await Promise.all([
    unresolved(app.db, { person, awake: true }, 15),
    countUnresolved(app.db, { person }),
    first(app, { unowned: true }, 15),
    waitingFor(app, actor, catalogHasPeople),
    windowsOpen(app.db, app.now()),
    besides(app, actor, person),
  ]);
  const shown = [...mine, ...unowned.items, ...beside.aside];
  const theirs = shown.filter(({ service }) => may("own", actor, { service: service ?? undefined, catalogHasPeople }));
  return {
    now: app.now(),
    names: namesOf(inForce),
    catalog,
    viewer: actor.person,
    mine,
    mineCount: mine.length < 15 ? mine.length : all - beside.asideCount,
    ...beside,
    unowned: unowned.items,
    unownedCount: unowned.count,
    waiting: waiting.operations,
    waitingCount: waiting.count,
    windows: windows.map(lineOf),
    theirs: new Set(theirs.map(({ id }) => id)),
    onCall: onCall(app, actor, null),
    mayAct: [undefined, ...Object.keys(actor.services)].some((service) =>
      may("own", actor, { service, catalogHasPeople }),
    ),
  };
}

/** What somebody may decide on. Whether they may is a matter of the service; the rest is the database's to say. */
async function waitingFor(
  app: App,
  actor: Actor,
  catalogHasPeople: boolean,
): Promise<{ operations: StoredOperation[]; count: number }> {
  const waiting = await servicesAwaiting(app.db);
  const services = waiting.filter((service) => may("approve", actor, { service, catalogHasPeople }));
  if (services.length === 0) return { operations: [], count: 0 };
  const filter = { services, decider: actor.person ?? actor.account };
  const operations = await awaitingApproval(app.db, filter, 15);
  return { operations, count: operations.length < 15 ? operations.length : await countAwaiting(app.db, filter) };
}
