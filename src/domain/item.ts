import { Conflict } from "../errors.ts";
import { personOf, type Party, type Responsibility } from "./duty.ts";

/** An item is one thing somebody must see to. */

export const ITEM_STATES = ["open", "snoozed", "resolved"] as const;
export type ItemState = (typeof ITEM_STATES)[number];

export const SEVERITIES = ["warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What opened it. */
export const ITEM_ORIGINS = ["check", "alert", "operation", "reversal", "catalog", "person"] as const;
export type ItemOrigin = (typeof ITEM_ORIGINS)[number];

export type ItemMove = "snooze" | "wake" | "resolve" | "reopen";

/** Every legal move. An absent cell is an illegal move. */
const ITEM_MOVES = {
  open: { snooze: "snoozed", resolve: "resolved" },
  snoozed: { snooze: "snoozed", wake: "open", resolve: "resolved" },
  resolved: { reopen: "open" },
} as const satisfies Record<ItemState, Partial<Record<ItemMove, ItemState>>>;

/** @throws Conflict when the item is not in a state that this can be done in. */
export function moveItem(id: number, from: ItemState, move: ItemMove): ItemState {
  const row: Partial<Record<ItemMove, ItemState>> = ITEM_MOVES[from];
  const to = row[move];
  if (to === undefined)
    throw new Conflict(`#${id} is ${from} already.`, { hint: `\`/day2 items #${id}\` shows where it stands.` });
  return to;
}

export type Item = {
  readonly id: number;
  readonly fingerprint: string;
  readonly origin: ItemOrigin;
  readonly service: string | null;
  readonly responsibility: Responsibility;
  readonly severity: Severity;
  readonly state: ItemState;
  /** One line without the service: "38 % of requests fail (limit 2 %)". Text from outside; views escape it. */
  readonly summary: string;
  readonly evidence: Readonly<Record<string, string>>;
  /** How often it was seen since it opened. */
  readonly seen: number;
  /** Since when, on the outside: the onset. */
  readonly since: Date;
  readonly openedAt: Date;
  readonly lastSeenAt: Date;
  readonly owner: Party | null;
  readonly ownedSince: Date | null;
  readonly dueAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: Date | null;
  /** When an acknowledgement asks again. */
  readonly acknowledgedUntil: Date | null;
  readonly snoozedUntil: Date | null;
  readonly resolvedAt: Date | null;
  /** Who resolved it; null when its check did. */
  readonly resolvedBy: string | null;
  readonly resolution: string | null;
  /** The item that this one follows, when the same came back after the reopen window. */
  readonly follows: number | null;
  /** The operation that this item is to take back: at `dueAt` by itself, and where that is null when somebody says so. */
  readonly reverses: number | null;
  /** The item that stands for this one: while there is one, this one has no card of its own, and nobody is called for it. */
  readonly foldedUnder?: number | null;
  /** Since when it has been well and ill again all the time; null or absent of one that is not. */
  readonly flappingSince?: Date | null;
  /** Of a flapping one, since when it is well. */
  readonly wellSince?: Date | null;
};

/** Who has taken an item with their own hands, or was handed it by name; an owner by the catalog has not taken it. */
export function takenBy({ owner, ownedSince }: Pick<Item, "owner" | "ownedSince">): string | null {
  return ownedSince === null ? null : personOf(owner);
}

/** Whether nothing stands for it. Only then has it a card of its own, and only for what has one is anybody called. */
export function hasOwnCard({ foldedUnder = null }: Pick<Item, "foldedUnder">): boolean {
  return foldedUnder === null;
}

/** Whether it acts by itself when it is due: a temporary change that goes back. Where that came to nothing it waits for its owner. */
export function goesBackByItself({ reverses, dueAt }: Pick<Item, "reverses" | "dueAt">): boolean {
  return reverses !== null && dueAt !== null;
}

/** Whether it waits for somebody to act, and calls people until they do; `WAITS` in store/escalations.ts asks the same of rows. */
export function waitsForSomebody(item: Item): boolean {
  return item.state === "open" && item.acknowledgedBy === null && !goesBackByItself(item) && hasOwnCard(item);
}

/** The review that is due of an operation that somebody went alone with. */
export function reviewOf(operation: number): string {
  return `${REVIEW}${operation}`;
}

const REVIEW = "alone/";

const STORM = "storm:";

/** The fingerprint of the storm in a channel. */
export function stormIn(channel: string): string {
  return `${STORM}${channel}`;
}

/** The channel of a storm; null of any other item. */
export function stormChannel({ fingerprint }: Pick<Item, "fingerprint">): string | null {
  return fingerprint.startsWith(STORM) ? fingerprint.slice(STORM.length) : null;
}

/** Checks of who answers for what; `service/check` is the fingerprint of what one finds. */
const OF_OWNERS = /^[^/]+\/(?:ownership|drift)(?:\/|$)/;

/** Whether an action may help with it: not with what acts by itself, with what people have to talk about, nor with all at once. */
export function isHelpable({ origin, fingerprint }: Pick<Item, "origin" | "fingerprint">): boolean {
  if (origin === "check") return !OF_OWNERS.test(fingerprint);
  return origin !== "reversal" && !fingerprint.startsWith(REVIEW) && !fingerprint.startsWith(STORM);
}
