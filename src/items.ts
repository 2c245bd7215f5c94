import { addHours } from "./domain/time.ts";
import type { App } from "./app.ts";
import { changeFor, type Caller } from "./caller.ts";
import type { Party } from "./domain/duty.ts";
import { moveItem, takenBy, type Severity } from "./domain/item.ts";
import { leaseFor } from "./domain/lease.ts";
import { authorise } from "./domain/permit.ts";
import { actorKey } from "./domain/actor.ts";
import { Conflict, Invalid } from "./errors.ts";
import { acknowledgement, holdOn, taken } from "./items/holding.ts";
import { changeItem, refuseBeingTakenBack, refuseOwedBack, refuseStorm, saveAndTell } from "./items/change.ts";
import { awake, close, openItem, UNACKNOWLEDGED } from "./items/lifecycle.ts";
import { tell } from "./items/card-and-thread.ts";
import { groundOf, nameOf } from "./people.ts";
import { makeDue } from "./store/checks.ts";

/** The items door: what people do to items. What checks find out is in `checking.ts`. */

/**
 * "Seen, not mine": somebody looked; the owner stays. It holds for `length` ms, else as long as the catalog says; somebody
 * who has acknowledged it already holds it for so long from now. Returns when it asks again.
 *
 * @throws Conflict naming who was first
 */
export async function acknowledge(app: App, caller: Caller, id: number, length?: number): Promise<Date> {
  return changeItem(app, caller, "acknowledge", id, async (change, item) => {
    const holder = item.acknowledgedBy;
    if (holder === actorKey(caller.actor) && length !== undefined)
      return holdOn(change, item, leaseFor(change.now, length));
    if (holder === actorKey(caller.actor))
      throw new Conflict(`You have seen #${id} already.`, { hint: `\`/day2 ack #${id} for 2h\` holds it longer.` });
    if (holder !== null)
      throw new Conflict(`${nameOf(app.inForce(), holder)} saw #${id} first.`, {
        hint: `\`/day2 own #${id}\` takes it if nobody has.`,
      });
    const lease = acknowledgement(app, change.now, caller, item, length);
    await saveAndTell(change, item, lease, "item.acknowledged");
    return lease.acknowledgedUntil;
  });
}

/** "Take it": owns and acknowledges, for `length` ms or as the catalog says. @throws Conflict when somebody has taken it. */
export async function own(app: App, caller: Caller, id: number, length?: number): Promise<void> {
  await changeItem(app, caller, "own", id, async (change, item) => {
    const who = actorKey(caller.actor);
    const holder = takenBy(item);
    if (holder === who)
      throw new Conflict(`#${id} is yours already.`, { hint: `\`/day2 ack #${id} for 2h\` holds it longer.` });
    if (holder !== null) {
      throw new Conflict(`${nameOf(app.inForce(), holder)} took #${id} first.`, {
        hint: `To take it over, ask them to hand it off, or run \`/day2 handoff #${id} @you reason\`.`,
      });
    }
    await saveAndTell(change, item, taken(app, change.now, caller, item, length), "item.taken");
  });
}

/** Gives an item to a named person or team, with a note; they have to acknowledge it themselves. */
export async function handOff(app: App, caller: Caller, id: number, party: Party, note: string): Promise<void> {
  if (note.trim() === "") throw new Invalid("A hand-off needs a note: what have you seen, what is left to do?");
  await changeItem(app, caller, "handOff", id, async (change, item) => {
    const theirs = { ...awake(item), ...UNACKNOWLEDGED, owner: party, ownedSince: change.now };
    await saveAndTell(change, item, theirs, "item.handed_off", { to: party, note });
  });
}

/** Puts an item aside until a moment, with a reason. @throws Invalid when that is not within the next 30 days. */
export async function snooze(app: App, caller: Caller, id: number, until: Date, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("A snooze needs a reason: what are you waiting for?");
  await changeItem(app, caller, "snooze", id, async (change, item) => {
    refuseOwedBack(item);
    if (until <= change.now || until > addHours(change.now, 24 * 30))
      throw new Invalid("An item can be snoozed for up to 30 days.");
    const aside = { state: moveItem(item.id, item.state, "snooze"), snoozedUntil: until };
    // A critical one asks somebody when it wakes: without an owner, whoever put it aside.
    const takes = item.severity === "critical" && item.owner === null;
    const theirs = takes ? { owner: { person: actorKey(caller.actor) }, ownedSince: change.now } : {};
    const detail = { until: until.toISOString(), reason, ...(takes ? { takes } : {}) };
    await saveAndTell(change, item, { ...aside, ...theirs }, "item.snoozed", detail);
  });
}

/** Closes an item without waiting for its check, with a reason. */
export async function resolve(app: App, caller: Caller, id: number, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("Closing without a passing check needs a reason.");
  await changeItem(app, caller, "resolve", id, async (change, item) => {
    refuseOwedBack(item);
    refuseStorm(item);
    await refuseBeingTakenBack(change, item);
    return close(change, item, { by: actorKey(caller.actor), how: reason });
  });
}

export async function note(app: App, caller: Caller, id: number, text: string): Promise<void> {
  if (text.trim() === "") throw new Invalid("A note needs a text.");
  await changeItem(app, caller, "note", id, async (change, item) => {
    await tell(change, item, "item.noted", { text });
  });
}

/** Opens an item from what a person saw or read. Returns its number. */
export async function openByPerson(
  app: App,
  caller: Caller,
  seen: { service: string | null; severity?: Severity; summary: string; link: string | null },
): Promise<number> {
  authorise("note", caller.actor, groundOf(app.inForce(), { service: seen.service ?? undefined }));
  return changeFor(app, caller, async (change) => {
    const item = await openItem(change, app.inForce(), {
      fingerprint: `person/${caller.request?.key ?? `${caller.actor.account}/${change.now.toISOString()}`}`,
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

/** Makes these checks look now instead of when they are due. Returns how many there are. */
export async function lookNow(app: App, caller: Caller, keys: readonly string[], service: string): Promise<number> {
  authorise("check", caller.actor, groundOf(app.inForce(), { service }));
  return changeFor(app, caller, async ({ db, now, log }) => {
    await log({ kind: "service.checked", service, detail: { checks: keys } });
    return makeDue(db, keys, now);
  });
}
