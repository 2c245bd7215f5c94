import type { KnownBlock } from "@slack/types";
import type { Desk } from "../domain/board/desk.ts";
import { MOST_AT_ONCE } from "../domain/bulk.ts";
import { takenBy, type Item } from "../domain/item.ts";
import type { Operation } from "../domain/operation.ts";
import { actions, button, context, fit, option, overflow, section, words } from "./blocks.ts";
import { ACTION_IDS, writeMore } from "./ids.ts";
import { itemGlyph, itemLine, itemName } from "./item-words.ts";
import { approvalButtons } from "./operation-buttons.ts";
import { operationName, riskWords } from "./operation-words.ts";
import { ago, count, literal, named, plain, when } from "./text.ts";
import { openWindow } from "./window-words.ts";

/** What one person sees first, in parts, each row with its button: what waits for their approval, theirs, nobody's. */

/** How many rows and characters a part may take; a board shows beside them what else is theirs. */
export type Room = { readonly rows: number; readonly characters: number; readonly board?: boolean };

export function deskBlocks(desk: Desk, room: Room): KnownBlock[] {
  if (Object.keys(desk.catalog.services).length === 0) return beginning();
  const waiting = desk.waiting.slice(0, APPROVALS).map((operation) => approvalRow(operation, desk));
  const mine = desk.mine.map((item) => itemRow(item, mineLine, desk));
  const unowned = desk.unowned.map((item) => itemRow(item, itemLine, desk));
  return [
    ...part(
      { title: "Waits for your approval", total: desk.waitingCount, all: "`/day2 status <service>`" },
      waiting,
      room,
    ),
    ...part(
      { title: "Yours", total: desk.mineCount, all: "`/day2 items mine`", none: "Nothing is yours right now." },
      mine,
      room,
    ),
    ...part(
      { title: "Nobody's", total: desk.unownedCount, all: "`/day2 items unowned`", none: "Everything has an owner." },
      unowned,
      room,
    ),
    ...windowsOn(desk),
    ...(room.board === true ? board(desk, room) : asideInShort(desk)),
    ...(desk.mayAct ? [] : [context(LOOK_ONLY)]),
  ];
}

const WINDOWS_SHOWN = 3;

function windowsOn({ windows, names }: Desk): KnownBlock[] {
  if (windows.length === 0) return [];
  const lines = windows.slice(0, WINDOWS_SHOWN).map((each) => openWindow(each, names));
  const more = windows.length > WINDOWS_SHOWN ? `and ${windows.length - WINDOWS_SHOWN} more: ` : "";
  return [context([...lines, `${more}\`/day2 window\` lists what is on and planned`].join("\n"))];
}

/** Each takes two blocks, and Home has a hundred. */
const APPROVALS = 10;

/** What asks for nobody now: many at once, what was put aside, what was done. */
function board(desk: Desk, room: Room): KnownBlock[] {
  const aside = desk.aside.map((item) => itemRow(item, asideLine, desk));
  return [
    ...(desk.busy.length === 0 ? [] : [section("*Several at once*"), ...desk.busy.flatMap(busyRow)]),
    ...part({ title: "Snoozed", total: desk.asideCount, all: "`/day2 items mine`" }, aside, room),
    ...(desk.done.length === 0
      ? []
      : [section(["*Done in the last day*", ...desk.done.map((item) => doneLine(item, desk))].join("\n"))]),
  ];
}

function busyRow({ service, untaken, unseen }: Desk["busy"][number]): KnownBlock[] {
  const buttons = [
    ...(untaken > 1 ? [allButton("Take", untaken, ACTION_IDS.takeAll, service)] : []),
    ...(unseen > 1 ? [allButton("Seen", unseen, ACTION_IDS.seenAll, service)] : []),
  ];
  const said = [
    ...(untaken > 1 ? [`${many(untaken)} to take`] : []),
    ...(unseen > 1 ? [`${many(unseen)} to be seen`] : []),
  ];
  return [section(`*${plain(service, 60)}* · ${said.join(", ")}`), actions(buttons)];
}

function allButton(
  label: "Take" | "Seen",
  number: number,
  action: typeof ACTION_IDS.takeAll | typeof ACTION_IDS.seenAll,
  service: string,
) {
  const what =
    label === "Take"
      ? "This makes them yours, and marks them as seen."
      : "This marks them as seen; their owners stay the same.";
  const bounded = number > MOST_AT_ONCE ? ` At most ${MOST_AT_ONCE} at a time.` : "";
  return {
    ...button(`${label} all (${many(number)})`, action, service),
    confirm: {
      title: words(`${label} all of ${literal(service, 60)}?`),
      text: words(`${many(number)} items. ${what}${bounded}`),
      confirm: words(`${label} all`),
      deny: words("Not now"),
    },
  };
}

function many(number: number): string {
  return number > 1_000 ? "over 1000" : `${number}`;
}

function asideLine(item: Item, now: Date): string {
  const until = item.snoozedUntil === null ? "" : ` · until ${when(item.snoozedUntil)}`;
  return `${itemLine(item, now)}${until}`;
}

function doneLine(item: Item, { names, now }: Desk): string {
  const by = item.resolvedBy === null ? "by itself" : `by ${named(names, { person: item.resolvedBy })}`;
  const at = item.resolvedAt === null ? "" : ` ${ago(now, item.resolvedAt)}`;
  return `${itemGlyph(item)} ${itemName(item)} · ${plain(item.summary, 100)} ·${at} ${by}`;
}

/** Where there is little room. */
export function asideInShort({ asideCount }: Desk): KnownBlock[] {
  return asideCount === 0
    ? []
    : [context(`${count(asideCount, "more of yours is", "more of yours are")} snoozed: \`/day2 items mine\``)];
}

/** Whether nothing at all needs this person. */
export function isQuiet({ waiting, mine, unowned }: Desk): boolean {
  return waiting.length + mine.length + unowned.length === 0;
}

const LOOK_ONLY =
  "You can look, but not act: whoever keeps the catalog can give you a role in it. `/day2 whoami` shows what you may do.";

type Part = {
  readonly title: string;
  /** With those that are not among the rows. */
  readonly total: number;
  /** What lists all of them. */
  readonly all: string;
  /** What an empty part says; without it, an empty part is left out. */
  readonly none?: string;
};

function part({ title, total, all, none }: Part, rows: readonly KnownBlock[][], room: Room): KnownBlock[] {
  if (rows.length === 0) return none === undefined ? [] : [section(`*${title}*\n${none}`)];
  const shown = fit(rows.slice(0, room.rows), room.characters).rows;
  const left = total - shown.length;
  return [
    section(`*${title}* (${total})`),
    ...shown.flat(),
    ...(left > 0 ? [context(`and ${left} more: ${all} lists them`)] : []),
  ];
}

function approvalRow(operation: Operation, { names, now }: Desk): KnownBlock[] {
  const until = operation.expiresAt === null ? "" : ` · valid until ${when(operation.expiresAt)}`;
  const who = named(names, { person: operation.requestedBy });
  const line = `*${operationName(operation)}* · ${plain(operation.environment, 40)}${riskWords(operation)}\nAsked by ${who} ${ago(now, operation.requestedAt)}${until}`;
  return [section(line), actions([...approvalButtons(operation)])];
}

function itemRow(item: Item, line: (item: Item, now: Date) => string, { now, theirs }: Desk): KnownBlock[] {
  return [section(line(item, now), theirs.has(item.id) ? nextOf(item) : undefined)];
}

function mineLine(item: Item, now: Date): string {
  return [itemLine(item, now), ...dueWords(item, now)].join("\n");
}

function dueWords({ dueAt, reverses }: Item, now: Date): string[] {
  if (dueAt === null) return [];
  if (reverses !== null) return [`Takes op-${reverses} back by itself ${ago(now, dueAt)}`];
  return [`${dueAt < now ? "⏰ Was due" : "Due"} ${ago(now, dueAt)}`];
}

/** What is the catalog's to give is still to be taken; what is owed back asks for what its card asks for. */
function nextOf(item: Item) {
  if (item.reverses !== null) return moreOf(item, OWED_BACK);
  return takenBy(item) === null ? takeOf(item) : moreOf(item, TAKEN);
}

function takeOf({ id }: Item) {
  return button("Take it", ACTION_IDS.take, `${id}`);
}

const TAKEN = [
  ["Resolve…", ACTION_IDS.resolve],
  ["Snooze…", ACTION_IDS.snooze],
  ["Hand off…", ACTION_IDS.handOff],
  ["Note…", ACTION_IDS.note],
  ["Give it back", ACTION_IDS.release],
] as const;

const OWED_BACK = [
  ["Extend…", ACTION_IDS.extend],
  ["Keep it…", ACTION_IDS.keep],
  ["Take it back now", ACTION_IDS.takeBack],
  ["Hand off…", ACTION_IDS.handOff],
  ["Note…", ACTION_IDS.note],
] as const;

function moreOf({ id }: Item, choices: typeof TAKEN | typeof OWED_BACK) {
  return overflow(
    ACTION_IDS.more,
    choices.map(([label, action]) => option(label, writeMore(action, `${id}`))),
  );
}

/** What to do while nothing is watched. */
function beginning(): KnownBlock[] {
  return [
    section(
      [
        "*Nothing is watched yet.*",
        "1. Say `/day2 add https://shop.example.com`, with a public address of yours: I watch it and its certificate from then on.",
        "2. Put the lines that I answer with into a file `daytwo.yaml`, add who owns it, and start me with `DAYTWO_CATALOG=daytwo.yaml`.",
        "3. Run `/day2 status` to see what I look at.",
      ].join("\n"),
    ),
    context("A whole catalog to copy from is in `docs/catalog.md`."),
  ];
}
