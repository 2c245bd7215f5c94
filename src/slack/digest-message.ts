import type { SectionBlock } from "@slack/types";
import type { DigestContent } from "../domain/board/digest.ts";
import type { Names } from "../domain/board/names.ts";
import type { Item } from "../domain/item.ts";
import { type Message, context, header, listed, section } from "./blocks.ts";
import { itemGlyph, itemInShort, itemLine, itemLineWithOwner, itemName } from "./item-words.ts";
import { nextStep, noisyWords } from "./noise-message.ts";
import { operationName, riskWords } from "./operation-words.ts";
import { openWindow, plannedWindow } from "./window-words.ts";
import { ago, count, literal, mention, named, plain, when } from "./text.ts";

/** The daily ownership summary of a channel, in the order in which it asks for something. */
export function digestMessage(digest: DigestContent): Message {
  const date = new Date(`${digest.localDate}T00:00Z`).toLocaleDateString("en-GB", DATE);
  const parts = PARTS.flatMap((part) => part(digest));
  const said = summary(digest);
  return {
    text: `Ownership on ${date}: ${said}`,
    blocks: [
      header(literal(`Ownership on ${date}`)),
      section(
        parts.length === 0 ? "🌿 A quiet day: everything has an owner, nothing is due and nothing waits." : `${said}.`,
      ),
      ...parts,
      context(
        `As of ${when(digest.now)} · zone ${plain(digest.zone, 60)} · \`/day2\` shows what needs you now${sealOf(digest)}`,
      ),
    ],
  };
}

/** Whoever keeps the digest can have it compared later: `daytwo audit verify --head …`. */
function sealOf({ head }: DigestContent): string {
  return head === null ? "" : ` · the record up to here: \`${head}\``;
}

/** "Tuesday 24 November". `date-fns/format` would load every part of every pattern: a fifth of a second at start. */
const DATE = { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" } as const;

const PARTS: readonly ((digest: DigestContent) => SectionBlock[])[] = [
  unowned,
  overdue,
  byOwner,
  waiting,
  alone,
  comingUp,
  windows,
  noisy,
];

function summary({ unownedCount, overdueCount, waitingCount, ownedCount: owned }: DigestContent): string {
  const said = [
    ...(unownedCount === 0 ? [] : [`${unownedCount} without an owner`]),
    ...(overdueCount === 0 ? [] : [`${overdueCount} overdue`]),
    ...(waitingCount === 0 ? [] : [`${count(waitingCount, "approval")} waiting`]),
    ...(owned === 0 ? [] : [`${owned} with an owner`]),
  ];
  return said.length === 0 ? "nothing asks for anybody" : said.join(", ");
}

function unowned({ unowned: items, unownedCount, now }: DigestContent): SectionBlock[] {
  const lines = items.map((item) => `${itemLine(item, now)} · \`/day2 own #${item.id}\``);
  return listed("Nobody's", lines, unownedCount);
}

function overdue({ overdue: items, overdueCount, names, now }: DigestContent): SectionBlock[] {
  const lines = items.map((item) => overdueLine(item, names, now));
  return listed("Overdue", lines, overdueCount);
}

/** The one place of the digest that mentions people: they are late, and have to act. */
function overdueLine(item: Item, names: Names, now: Date): string {
  const owner = item.owner === null ? "nobody" : mention(names, item.owner);
  const due = item.dueAt === null ? "" : `, was due ${ago(now, item.dueAt)}`;
  return `${itemInShort(item)} · ${owner}${due}`;
}

function byOwner({ owners, ownersCount, names, now }: DigestContent): SectionBlock[] {
  const lines = owners.map((owner) => ownerLine(owner, names, now));
  return listed("By owner", lines, ownersCount);
}

function ownerLine(
  { owner, count: all, critical, oldest }: DigestContent["owners"][number],
  names: Names,
  now: Date,
): string {
  const who = named(names, owner);
  const bad = critical === 0 ? "" : `, ${critical} critical`;
  const items = oldest
    .slice(0, 3)
    .map((item) => `${itemGlyph(item)} ${itemName(item)} ${plain(item.summary, 60)} (${ago(now, item.since)})`);
  return `*${who}* · ${count(all, "item")}${bad}${items.length === 0 ? "" : `; oldest: ${items.join("; ")}`}`;
}

function waiting({ waiting: operations, waitingCount, names, now }: DigestContent): SectionBlock[] {
  const lines = operations.map((operation) => {
    return `⏳ ${operationName(operation)}${riskWords(operation)} · asked by ${named(names, { person: operation.requestedBy })} ${ago(now, operation.requestedAt)}`;
  });
  return listed("Waits for approval", lines, waitingCount);
}

function alone({ alone: deeds }: DigestContent): SectionBlock[] {
  const lines = deeds.map((deed) => `• ${plain(deed)}`);
  return listed("Done by Daytwo alone", lines);
}

function comingUp({ comingUp: items, names, now }: DigestContent): SectionBlock[] {
  const lines = items.map((item) => comingLine(item, names, now));
  return listed("Coming up", lines);
}

function windows({ windows: all, names, now }: DigestContent): SectionBlock[] {
  const lines = all.map((each) => (each.startsAt <= now ? openWindow(each, names) : plannedWindow(each, names)));
  return listed("Maintenance and freezes", lines);
}

function noisy({ noisy: often }: DigestContent): SectionBlock[] {
  const lines = often.map((each) => `${noisyWords(each)}: ${nextStep(each)}`);
  return listed("Called noise this week", lines, often.length, 900);
}

function comingLine(item: Item, names: Names, now: Date): string {
  return `${itemLineWithOwner(item, names, now)}${item.dueAt === null ? "" : ` · due ${when(item.dueAt)}`}`;
}
