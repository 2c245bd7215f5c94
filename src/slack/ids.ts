import { Invalid } from "../errors.ts";
import { ACTIONS, type Action } from "../domain/action.ts";
import { TOUR_HELPS, type TourHelp } from "../domain/tour.ts";

/** Every id that Slack calls us by, and what our buttons carry. */

export const ACTION_IDS = {
  take: "item.take",
  seen: "item.seen",
  act: "item.act",
  /** The second such button of a card: Slack wants each id once in a row. */
  actSecond: "item.act.second",
  /** Still on it: the value carries how much longer. Slack wants each id once in a row. */
  still: "item.still",
  stillLonger: "item.still.longer",
  stillLongest: "item.still.longest",
  release: "item.release",
  /** Acknowledges for as long as a form says. */
  hold: "item.hold",
  noise: "item.noise",
  /** All of a service, on Home; the value is its key. */
  takeAll: "service.take-all",
  seenAll: "service.seen-all",
  resolve: "item.resolve",
  snooze: "item.snooze",
  /** At the source of its alerts. */
  silence: "item.silence",
  endSilence: "item.silence.end",
  handOff: "item.handoff",
  note: "item.note",
  extend: "item.extend",
  keep: "item.keep",
  takeBack: "item.take-back",
  /** Shows the lines of the catalog that would say whose its alerts are. */
  route: "item.route",
  /** The overflow of an item card: its option's value is another action id and that one's value. */
  more: "item.more",
  approve: "operation.approve",
  deny: "operation.deny",
  goAlone: "operation.go-alone",
  cancel: "operation.cancel",
  lookAgain: "operation.look-again",
  happened: "operation.happened",
  didNotHappen: "operation.did-not-happen",
  stopHere: "operation.stop-here",
  /** A line of the demo's tour; its value is one of TOUR_HELPS. */
  tour: "tour.help",
} as const;
export type ActionId = (typeof ACTION_IDS)[keyof typeof ACTION_IDS];

export const CALLBACK_IDS = {
  act: "modal.act",
  resolve: "modal.resolve",
  noise: "modal.noise",
  hold: "modal.hold",
  snooze: "modal.snooze",
  silence: "modal.silence",
  handOff: "modal.handoff",
  note: "modal.note",
  deny: "modal.deny",
  approve: "modal.approve",
  goAlone: "modal.go-alone",
  newItem: "modal.new-item",
  extend: "modal.extend",
  keep: "modal.keep",
  home: "home",
  /** The message shortcut that turns a message into an item. */
  messageToItem: "item_from_message",
} as const;
export type CallbackId = (typeof CALLBACK_IDS)[keyof typeof CALLBACK_IDS];

/** What *act* is about: the item that asked for it, if any, the action, its task where it runs one, and the target's key. */
export type ActSubject = {
  readonly item: number | null;
  readonly action: Action;
  readonly task?: string | undefined;
  readonly target: string;
};

export function writeAct({ item, action, task, target }: ActSubject): string {
  return `${item ?? "-"} ${task === undefined ? action : `${action}/${task}`} ${target}`;
}

/** @throws Invalid */
export function readAct(value: string): ActSubject {
  const [item = "", word = "", ...rest] = value.split(" ");
  const [name, task] = word.split("/");
  const action = ACTIONS.find((each) => each === name);
  const target = rest.join(" ");
  if (action === undefined || target === "") throw unknownButton();
  return { item: item === "-" ? null : readId(item), action, ...(task === undefined ? {} : { task }), target };
}

/** An approval is for the plan that was on the card. */
export function writeApproval(operation: number, planHash: string | null): string {
  return planHash === null ? `${operation}` : `${operation} ${planHash}`;
}

/** @throws Invalid */
export function readApproval(value: string): { readonly operation: number; readonly planHash: string | null } {
  const [operation = "", planHash] = value.split(" ");
  return { operation: readId(operation), planHash: planHash ?? null };
}

/** The number of the item or operation that a button or a modal carries. @throws Invalid */
export function readId(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw unknownButton();
  return Number(value);
}

/** An item, and how many ms longer somebody is on it. */
export function writeStill(item: number, longer: number): string {
  return `${item} ${longer}`;
}

/** @throws Invalid */
export function readStill(value: string): { readonly item: number; readonly longer: number } {
  const [item = "", longer = ""] = value.split(" ");
  return { item: readId(item), longer: readId(longer) };
}

/** The service that a button carries, as the catalog may or may not know it. @throws Invalid */
export function readServiceKey(value: string): string {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(value)) throw unknownButton();
  return value;
}

/** @throws Invalid */
export function readTourHelp(value: string): TourHelp {
  const help = TOUR_HELPS.find((each) => each === value);
  if (help === undefined) throw unknownButton();
  return help;
}

export function writeMore(action: ActionId, value: string): string {
  return `${action} ${value}`;
}

/** @throws Invalid */
export function readMore(value: string): { readonly action: ActionId; readonly value: string } {
  const [word, ...rest] = value.split(" ");
  const action = Object.values(ACTION_IDS).find((each) => each === word);
  if (action === undefined) throw unknownButton();
  return { action, value: rest.join(" ") };
}

/** The posting that a click came from, out of the id of its block; null where it says none. */
export function postingOf(blockId: string): number | null {
  const match = /^posting\.([1-9]\d{0,14})\.\d+$/.exec(blockId);
  return match === null ? null : Number(match[1]);
}

export function postingBlockId(posting: number, index: number): string {
  return `posting.${posting}.${index}`;
}

export function unknownButton(): Invalid {
  return new Invalid("I do not know that button.", {
    hint: "It may be from another version of Daytwo. `/day2` shows what needs you now.",
  });
}
