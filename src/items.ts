import { addHours } from "./domain/time.ts";
import type { App } from "./app.ts";
import { changeFor, type Caller, type Change } from "./caller.ts";
import type { Party } from "./domain/catalog.ts";
import { moveItem, takenBy, type Severity } from "./domain/item.ts";
import { authorise, type Deed } from "./domain/permit.ts";
import { Conflict, Invalid } from "./errors.ts";
import { awake, close, openItem, show, tell, UNACKNOWLEDGED } from "./item-life.ts";
import { groundOf, namesOf } from "./people.ts";
import { makeDue } from "./store/checks.ts";
import { lockItem, lockUnacknowledged, saveItem, type StoredItem } from "./store/items.ts";

/** The items door: what people do to items. What checks find out is in `checking.ts`. */

/** How long an acknowledgement holds before it asks again, in hours. */
const ACKNOWLEDGED_HOURS: Record<Severity, number> = { critical: 1, warning: 24 };

/** "Seen, not mine": somebody looked; the owner stays. @throws Conflict naming who was first. */
export async function acknowledge(app: App, caller: Caller, id: number): Promise<void> {
  await changeItem(app, caller, "acknowledge", id, async (change, item) => {
    if (item.acknowledgedBy !== null) throw new Conflict(`${nameOf(app, item.acknowledgedBy)} saw #${id} first.`);
    await saveAndTell(change, { ...item, ...acknowledgement(change.now, caller, item) }, "item.acknowledged");
  });
}

/** Acknowledges every item of a service that waits for it; their numbers. */
export async function acknowledgeAll(app: App, caller: Caller, service: string): Promise<number[]> {
  authorise("acknowledge", caller.actor, groundOf(app.inForce(), { service }));
  return changeFor(app, caller, async (change) => {
    const waiting = await lockUnacknowledged(change.db, service);
    for (const item of waiting)
      await saveAndTell(change, { ...item, ...acknowledgement(change.now, caller, item) }, "item.acknowledged");
    return waiting.map((item) => item.id);
  });
}

/** "Take it": owns and acknowledges. @throws Conflict when somebody has taken it. */
export async function own(app: App, caller: Caller, id: number): Promise<void> {
  await changeItem(app, caller, "own", id, async (change, item) => {
    const who = keyOf(caller);
    const holder = takenBy(item);
    if (holder === who) throw new Conflict(`#${id} is yours already.`);
    if (holder !== null) {
      throw new Conflict(`${nameOf(app, holder)} took #${id} first.`, {
        hint: `To take it over, ask them to hand it off, or run \`/day2 handoff #${id} @you reason\`.`,
      });
    }
    const next = {
      ...item,
      ...awake(item),
      owner: { person: who },
      ownedSince: change.now,
      ...acknowledgement(change.now, caller, item),
    };
    await saveAndTell(change, next, "item.taken");
  });
}

/** Gives an item to a named person or team, with a note; they have to acknowledge it themselves. */
export async function handOff(app: App, caller: Caller, id: number, party: Party, note: string): Promise<void> {
  if (note.trim() === "") throw new Invalid("A hand-off needs a note: what have you seen, what is left to do?");
  await changeItem(app, caller, "handOff", id, async (change, item) => {
    const next = { ...item, ...awake(item), ...UNACKNOWLEDGED, owner: party, ownedSince: change.now };
    await saveAndTell(change, next, "item.handed_off", { to: party, note });
  });
}

/** Puts an item aside until a moment, with a reason. @throws Invalid when that is not within the next 30 days. */
export async function snooze(app: App, caller: Caller, id: number, until: Date, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("A snooze needs a reason: what are you waiting for?");
  await changeItem(app, caller, "snooze", id, async (change, item) => {
    if (until <= change.now || until > addHours(change.now, 24 * 30))
      throw new Invalid("An item can be snoozed for up to 30 days.");
    const next = { ...item, state: moveItem(item.id, item.state, "snooze"), snoozedUntil: until };
    await saveAndTell(change, next, "item.snoozed", { until: until.toISOString(), reason });
  });
}

/** Closes an item without waiting for its check, with a reason. */
export async function resolve(app: App, caller: Caller, id: number, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("Closing without a passing check needs a reason.");
  await changeItem(app, caller, "resolve", id, (change, item) =>
    close(change, item, { by: keyOf(caller), how: reason }),
  );
}

export async function note(app: App, caller: Caller, id: number, text: string): Promise<void> {
  if (text.trim() === "") throw new Invalid("A note needs a text.");
  await changeItem(app, caller, "note", id, (change, item) => tell(change, item, "item.noted", { text }));
}

/** Opens an item from what a person saw or read. The item's number. */
export async function openByPerson(
  app: App,
  caller: Caller,
  seen: { service: string | null; severity?: Severity; summary: string; link: string | null },
): Promise<number> {
  authorise("note", caller.actor, groundOf(app.inForce(), { service: seen.service ?? undefined }));
  return changeFor(app, caller, async (change) => {
    const item = await openItem(change, app.inForce(), {
      fingerprint: `person/${caller.request ?? `${caller.actor.account}/${change.now.toISOString()}`}`,
      origin: "person",
      service: seen.service,
      responsibility: "on-call",
      severity: seen.severity ?? "warning",
      summary: seen.summary,
      evidence: seen.link === null ? {} : { "said in": seen.link },
      since: change.now,
    });
    return item.id;
  });
}

/** Looks at these checks now instead of when they are due; how many there are. */
export async function lookNow(app: App, caller: Caller, keys: readonly string[], service: string): Promise<number> {
  authorise("check", caller.actor, groundOf(app.inForce(), { service }));
  return changeFor(app, caller, async ({ db, now, log }) => {
    await log({ kind: "service.checked", service, detail: { checks: keys } });
    return makeDue(db, keys, now);
  });
}

async function changeItem(
  app: App,
  caller: Caller,
  deed: Deed,
  id: number,
  work: (change: Change, item: StoredItem) => Promise<void>,
): Promise<void> {
  await changeFor(app, caller, async (change) => {
    const item = await lockItem(change.db, id);
    if (item === null) throw new Invalid(`There is no item #${id}.`, { hint: "`/day2 items` lists the open ones." });
    authorise(deed, caller.actor, groundOf(app.inForce(), { item: id, service: item.service ?? undefined }));
    if (item.state === "resolved" && deed !== "note")
      throw new Conflict(`#${id} is resolved already.`, { hint: `\`/day2 audit #${id}\` shows how it went.` });
    await work(change, item);
  });
}

async function saveAndTell(
  change: Change,
  item: StoredItem,
  kind: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await saveItem(change.db, item);
  await tell(change, item, kind, detail);
  await show(change, item);
}

function acknowledgement(
  now: Date,
  caller: Caller,
  item: StoredItem,
): Pick<StoredItem, "acknowledgedBy" | "acknowledgedAt" | "acknowledgedUntil"> {
  return {
    acknowledgedBy: keyOf(caller),
    acknowledgedAt: now,
    acknowledgedUntil: addHours(now, ACKNOWLEDGED_HOURS[item.severity]),
  };
}

/** The person key, or for members while the catalog has no people their account. */
function keyOf(caller: Caller): string {
  return caller.actor.person ?? caller.actor.account;
}

function nameOf(app: App, key: string): string {
  return namesOf(app.inForce()).people[key]?.name ?? `<@${key}>`;
}
