import type { App } from "./app.ts";
import { openItems, partiesOf } from "./board/open-items.ts";
import type { EventLine } from "./domain/board/event-line.ts";
import type { Item } from "./domain/item.ts";
import type { Observation } from "./domain/observation.ts";
import type { Actor } from "./domain/actor.ts";
import { suggestedRoute } from "./domain/routing.ts";
import type { Declared } from "./domain/task.ts";
import { Invalid } from "./errors.ts";
import { newestAlertOf } from "./store/alerts.ts";
import { countEvents, eventsOf, type EventFilter } from "./store/events.ts";
import { itemById, type StoredItem } from "./store/items.ts";
import { observationsOf } from "./store/observations.ts";
import { operationById, type StoredOperation } from "./store/operations.ts";
import { postingAt } from "./store/postings.ts";

/** The reading door: whole answers for views. It changes nothing. */

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
  return openItems(app, filter, limit);
}
