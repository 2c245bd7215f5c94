import type { KnownBlock } from "@slack/types";
import type { ItemCard } from "../domain/board/item-card.ts";
import { CALM } from "../domain/flapping.ts";
import { isHelpable, stormChannel, takenBy, type Item } from "../domain/item.ts";
import { isRouted } from "../domain/routing.ts";
import { isHeld } from "../domain/silence.ts";
import { formatDuration } from "../domain/measures.ts";
import { type Message, actions, button, context, option, overflow, sections } from "./blocks.ts";
import { ACTION_IDS, type ActionId, writeAct, writeMore } from "./ids.ts";
import { itemGlyph, itemName } from "./item-words.ts";
import { ACTION_LABELS, operationLine } from "./operation-words.ts";
import { beforeLine, neighbourLine } from "./surroundings.ts";
import { count, isAddress, link, literal, mention, named, plain, when } from "./text.ts";
import { windowReason } from "./window-words.ts";

/** The card of an item: what, where, how bad, since when, who has it, what to do next. Read in two seconds, on a phone. */

const EVIDENCE_SHOWN = 6;
/** Slack's overflow takes five choices; the first two of the card are buttons. */
const CHOICES_SHOWN = 7;

export function itemCard(card: ItemCard): Message {
  const { item } = card;
  const text = `${itemGlyph(item)} ${itemName(item, card.serviceName)} · ${plain(item.summary)}`;
  const headline = `${itemGlyph(item)} *${itemName(item, card.serviceName)}* · ${plain(item.summary)}`;
  const blocks: readonly KnownBlock[] =
    item.state === "resolved" ? resolved(card, headline) : unresolved(card, headline);
  return { text, blocks };
}

/** The same for one person, who reads it once: with what changes at every look and so stays off the card. */
export function itemAnswer(card: ItemCard): Message {
  const { text, blocks } = itemCard(card);
  const { seen, lastSeenAt } = card.item;
  return seen > 1
    ? { text, blocks: [...blocks, context(`Seen ${seen} times, last ${when(lastSeenAt)}`)] }
    : { text, blocks };
}

function unresolved(card: ItemCard, headline: string): KnownBlock[] {
  const { item, operations } = card;
  const lines = [
    `${headline} · since ${when(item.since)}`,
    ...beforeLine(card),
    ...neighbourLine(card),
    ...alertLine(card),
    ...silenceLine(card),
    ...evidenceLines(item),
    ownerLine(card),
    ...acknowledgementLine(card),
    ...toldLine(card),
    ...timeLine(item),
    ...maintenanceLine(card),
    ...foldedLine(item),
    ...foldsLine(card),
    ...flappingLine(card),
    ...operations.map(operationLine),
  ];
  return [...sections(lines), ...footnote(card), choiceRow(card)];
}

function resolved(card: ItemCard, headline: string): KnownBlock[] {
  const { item, names, operations } = card;
  const at = item.resolvedAt ?? item.lastSeenAt;
  const by = item.resolvedBy === null ? "by itself" : `by ${named(names, { person: item.resolvedBy })}`;
  const why = item.resolution === null ? "" : `: ${plain(item.resolution, 300)}`;
  const held =
    item.owner === null || item.ownedSince === null
      ? "Nobody had taken it"
      : `${named(names, item.owner)} had it for ${formatDuration(at.getTime() - item.ownedSince.getTime())}`;
  const lasted = `it lasted ${formatDuration(at.getTime() - item.since.getTime())}`;
  return sections([
    headline,
    `Resolved ${when(at)} ${by}${why}. ${held}; ${lasted}.`,
    ...silenceLine(card),
    ...operations.map(operationLine),
  ]);
}

function evidenceLines({ id, evidence }: Item): string[] {
  const facts = Object.entries(evidence).map(([label, fact]) => `${plain(`${label}:`, 61)} ${plain(fact)}`);
  const left = facts.length - EVIDENCE_SHOWN;
  return left > 0 ? [...facts.slice(0, EVIDENCE_SHOWN), `and ${left} more: \`/day2 items #${id}\``] : facts;
}

/** "12 alerts firing: a, b, c and 9 more"; a single one is the headline already. */
function alertLine({ alerts }: ItemCard): string[] {
  if (alerts === undefined) return [];
  const all = alerts.firing + alerts.told;
  if (all < 2) return [];
  const names = alerts.shown.map(({ summary }) => plain(summary, 100));
  const left = all - names.length;
  const counted = alerts.firing === 0 ? count(all, "alert") : `${count(alerts.firing, "alert")} firing`;
  return [`${counted}: ${names.join(", ")}${left > 0 ? ` and ${left} more` : ""}`];
}

/** What the source of its alerts was asked for, and what came of it. */
function silenceLine({ item, silence, names }: ItemCard): string[] {
  if (silence === undefined) return [];
  const source = plain(silence.source, 60);
  const by = named(names, { person: silence.by });
  const why = silence.problem === null ? "" : `: ${plain(silence.problem, 300)}`;
  const end = item.state === "resolved" ? `; \`/day2 silence end #${item.id}\` ends it` : "";
  switch (silence.state) {
    case "asked":
      return [
        `🔕 ${by} asked ${source} to be silent until ${when(silence.endsAt)}${why === "" ? "" : `, not yet${why}`}`,
      ];
    case "on":
      return [`🔕 Silenced at ${source} until ${when(silence.endsAt)} by ${by}${end}`];
    case "ending":
      return [`🔔 The silence at ${source} is being ended${why}`];
    case "refused":
      return item.state === "resolved" ? [] : [`⚠️ Not silenced at ${source}${why}`];
    case "over":
      return [];
  }
}

/** What stands for others says where they are, and what another one stands for says which. */
function foldedLine(item: Item): string[] {
  if (stormChannel(item) !== null)
    return [
      `They get their own cards when it is over. \`/day2 items\` lists all, \`/day2 ack #${item.id}\` is for all of them.`,
    ];
  const under = item.foldedUnder ?? null;
  return under === null ? [] : [`Folded under #${under}, whose card tells of it meanwhile`];
}

function foldsLine({ folds }: ItemCard): string[] {
  if (folds === undefined) return [];
  const shown = folds.shown.map(
    ({ id, serviceName }) => `#${id}${serviceName === null ? "" : ` ${plain(serviceName, 60)}`}`,
  );
  const left = folds.open - shown.length;
  const more = left > 0 ? ` and ${left} more` : "";
  return [`May be the cause of ${shown.join(", ")}${more}, which ${folds.open === 1 ? "is" : "are"} folded under it`];
}

function flappingLine({ item, flapped }: ItemCard): string[] {
  const { flappingSince, wellSince } = item;
  if (flapped === undefined || flappingSince === undefined || flappingSince === null) return [];
  const well = wellSince === undefined || wellSince === null ? "" : `, now since ${when(wellSince)}`;
  return [
    `🔁 Flapping: well ${count(flapped, "time")} since ${when(flappingSince)}${well}; over when it has been well for ${formatDuration(CALM)}`,
  ];
}

function ownerLine({ item, names, duty, serviceName, quiet }: ItemCard): string {
  const call = quiet === true && item.ownedSince === null ? named : mention;
  if (item.owner !== null) return `Owner: ${call(names, item.owner)} (${ownedWords(item)})`;
  if (stormChannel(item) !== null) return "Owner: nobody of all of it; each part has its own";
  const where = `${item.responsibility}${serviceName === null ? "" : ` of ${plain(serviceName, 60)}`}`;
  if (duty === null) return `Owner: nobody, and nobody is named for ${where}`;
  if ("by" in duty) return `Owner: nobody here; ${named(names, duty)} answers for ${where}`;
  if ("rotation" in duty) return `Owner: nobody; nobody of ${named(names, duty)} is there, who answers for ${where}`;
  return `Owner: nobody yet; ${mention(names, duty)} answers for ${where}`;
}

function ownedWords(item: Item): string {
  if (item.ownedSince === null) return "has not taken it yet";
  if (isSeenByOwner(item)) return `took it ${when(item.ownedSince)}${asksAgain(item)}`;
  return `since ${when(item.ownedSince)}, has not said so yet`;
}

function acknowledgementLine({ item, names }: ItemCard): string[] {
  const { acknowledgedBy, acknowledgedAt } = item;
  if (acknowledgedBy === null || isSeenByOwner(item)) return [];
  const at = acknowledgedAt === null ? "" : ` ${when(acknowledgedAt)}`;
  return [`Seen by ${named(names, { person: acknowledgedBy })}${at}, not theirs${asksAgain(item)}`];
}

/** While nobody acts: who knows. */
function toldLine({ item, names, told }: ItemCard): string[] {
  if (told === undefined || item.state !== "open" || item.acknowledgedBy !== null) return [];
  const people = told.map((person) => named(names, { person })).join(", ");
  return [people === "" ? "📣 Nobody has acted" : `📣 Nobody has acted; told ${people}`];
}

/** What is snoozed asks nobody until it wakes. */
function asksAgain({ state, acknowledgedUntil }: Item): string {
  return acknowledgedUntil === null || state === "snoozed" ? "" : `; asks again ${when(acknowledgedUntil)}`;
}

function isSeenByOwner({ owner, acknowledgedBy }: Item): boolean {
  return owner !== null && "person" in owner && owner.person === acknowledgedBy;
}

function timeLine({ state, snoozedUntil, dueAt, reverses }: Item): string[] {
  const snooze = state === "snoozed" && snoozedUntil !== null ? [`💤 Snoozed until ${when(snoozedUntil)}`] : [];
  if (dueAt === null) return snooze;
  return [...snooze, reverses === null ? `Due ${when(dueAt)}` : `Takes op-${reverses} back by itself ${when(dueAt)}`];
}

function maintenanceLine({ maintenance, names }: ItemCard): string[] {
  if (maintenance === null) return [];
  return [`🔧 Maintenance until ${when(maintenance.endsAt)} (${windowReason(maintenance, names)})`];
}

function footnote({ item, names, noise, runbook, dashboard, alerts }: ItemCard): KnownBlock[] {
  const source = alerts?.shown.find(({ link: at }) => at !== null && isAddress(at))?.link ?? null;
  const notes = [
    ...(item.follows === null ? [] : [`came back after #${item.follows}`]),
    ...(noise === null
      ? []
      : [`called noise by ${named(names, { person: noise.by })} (${count(noise.count, "time")})`]),
    ...(runbook === null ? [] : [link(runbook, "Runbook")]),
    ...(dashboard === null ? [] : [link(dashboard, "Dashboard")]),
    ...(source === null ? [] : [link(source, "Source")]),
  ];
  return notes.length === 0 ? [] : [context(notes.join(" · "))];
}

type Choice = { readonly label: string; readonly action: ActionId; readonly value: string; readonly style?: "primary" };

/** In the order of use: the first two are buttons, the rest is under *More*. */
function choiceRow(card: ItemCard): KnownBlock {
  const [first, second, ...rest] = choices(card);
  const buttons = [first, second].flatMap((choice, index) => {
    if (choice === undefined) return [];
    const id = index === 1 && choice.action === first?.action ? ACTION_IDS.actSecond : choice.action;
    return [button(choice.label, id, choice.value, choice.style)];
  });
  const more = rest.map(({ label, action, value }) => option(label, writeMore(action, value)));
  const end = isSilenced(card) ? [button("End silence", ACTION_IDS.endSilence, `${card.item.id}`)] : [];
  return actions([...buttons, ...end, overflow(ACTION_IDS.more, more)]);
}

function isSilenced({ silence }: ItemCard): boolean {
  return silence?.state === "asked" || silence?.state === "on";
}

/** What is owed back asks for nothing but a decision: longer, for good, or now. */
function reversalChoices({ item }: ItemCard): Choice[] {
  const value = `${item.id}`;
  return [
    { label: "Extend…", action: ACTION_IDS.extend, value },
    { label: "Keep it…", action: ACTION_IDS.keep, value },
    { label: "Take it back now", action: ACTION_IDS.takeBack, value },
    ...(item.acknowledgedBy === null ? [{ label: "Seen", action: ACTION_IDS.seen, value }] : []),
    { label: "Hand off…", action: ACTION_IDS.handOff, value },
    { label: "Note…", action: ACTION_IDS.note, value },
  ];
}

/** Both are for all of it, and again for what came since. */
function stormChoices({ item }: ItemCard): Choice[] {
  const value = `${item.id}`;
  return [
    { label: "Take all", action: ACTION_IDS.take, value, style: "primary" },
    { label: "Seen all", action: ACTION_IDS.seen, value },
    { label: "Snooze…", action: ACTION_IDS.snooze, value },
    { label: "Hand off…", action: ACTION_IDS.handOff, value },
    { label: "Note…", action: ACTION_IDS.note, value },
  ];
}

function choices(card: ItemCard): Choice[] {
  const { item } = card;
  if (stormChannel(item) !== null) return stormChoices(card);
  if (item.reverses !== null) return reversalChoices(card);
  const value = `${item.id}`;
  const taken = takenBy(item) !== null;
  const first: Choice[] = [
    ...(taken ? [] : [{ label: "Take it", action: ACTION_IDS.take, value, style: "primary" as const }]),
    ...(item.acknowledgedBy === null
      ? [{ label: taken ? "I have it" : "Seen, not mine", action: ACTION_IDS.seen, value }]
      : []),
  ];
  const acts = actChoices(card);
  const isSignal = isHelpable(item);
  const last: Choice[] = [
    { label: "Resolve…", action: ACTION_IDS.resolve, value },
    { label: "Snooze…", action: ACTION_IDS.snooze, value },
    ...(card.silenceable === undefined || (card.silence !== undefined && isHeld(card.silence.state))
      ? []
      : [{ label: `Silence at ${literal(card.silenceable, 40)}…`, action: ACTION_IDS.silence, value }]),
    { label: "Hand off…", action: ACTION_IDS.handOff, value },
    ...(isSignal ? [{ label: "Noise…", action: ACTION_IDS.noise, value }] : []),
  ];
  const unrouted = item.service === null && card.alerts !== undefined && isRouted(item);
  if (unrouted) first.push({ label: "Whose is this?", action: ACTION_IDS.route, value });
  const room = CHOICES_SHOWN - first.length - last.length;
  // What helps goes before what can as well be said in the thread; the rest is there where there is room.
  const extra: Choice[] = [
    { label: "Note…", action: ACTION_IDS.note, value },
    { label: item.acknowledgedBy === null ? "Seen for…" : "Hold it for…", action: ACTION_IDS.hold, value },
    ...(taken ? [{ label: "Give it back", action: ACTION_IDS.release, value }] : []),
  ];
  const helping = acts.slice(0, Math.max(1, room - 1));
  return [...first, ...helping, ...last, ...extra].slice(0, CHOICES_SHOWN);
}

/** The fitting actions, with their target only where one action fits several. */
function actChoices({ item, fitting }: ItemCard): Choice[] {
  return fitting.map(({ action, target, likely, task }) => {
    const value = writeAct({ item: item.id, action, target, task });
    if (task !== undefined) return { label: `Run ${literal(task, 40)}…`, action: ACTION_IDS.act, value };
    const several = fitting.filter((other) => other.action === action).length > 1;
    const argument = likely === undefined ? "" : ` ${literal(likely, 24)}`;
    const label = `${ACTION_LABELS[action]}${several ? ` ${literal(target, 30)}` : ""}${argument}…`;
    return {
      label,
      action: ACTION_IDS.act,
      value,
    };
  });
}
