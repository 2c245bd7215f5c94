import type { KnownBlock } from "@slack/types";
import type { ItemCard } from "../domain/board/item-card.ts";
import { CALM } from "../domain/flapping.ts";
import { type Item, stormChannel } from "../domain/item.ts";
import { formatDuration } from "../domain/measures.ts";
import { type Message, context, sections } from "./blocks.ts";
import { choiceRow } from "./item-choices.ts";
import { itemGlyph, itemHeading, itemName } from "./item-words.ts";
import { operationLine } from "./operation-words.ts";
import { ownerLine, acknowledgementLine, toldLine } from "./owner-lines.ts";
import { beforeLine, neighbourLine } from "./surroundings.ts";
import { count, firstAddress, link, named, plain, when } from "./text.ts";
import { windowReason } from "./window-words.ts";

/** The card of an item: what, where, how bad, since when, who has it, what to do next. Read in two seconds, on a phone. */

const EVIDENCE_SHOWN = 6;

export function itemCard(card: ItemCard): Message {
  const { item } = card;
  const text = `${itemGlyph(item)} ${itemName(item, card.serviceName)} · ${plain(item.summary)}`;
  const headline = itemHeading(item, card.serviceName);
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
        `🔕 ${by} asked ${source} to be silent until ${when(silence.endsAt)}${why === "" ? "" : `; not silent yet${why}`}`,
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
      `These items get their own cards when the storm is over. \`/day2 items\` lists all, \`/day2 ack #${item.id}\` is for all of them.`,
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
  const well = wellSince === undefined || wellSince === null ? "" : `, well since ${when(wellSince)}`;
  return [
    `🔁 Flapping: recovered ${count(flapped, "time")} since ${when(flappingSince)}${well}; over once it stays well for ${formatDuration(CALM)}`,
  ];
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

function footnote({ item, names, noise, runbook: ofService, dashboard, alerts }: ItemCard): KnownBlock[] {
  const source = firstAddress(alerts?.shown.map(({ link: at }) => at));
  const runbook = firstAddress(alerts?.shown.map((alert) => alert.runbook)) ?? ofService;
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
