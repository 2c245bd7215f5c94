import { canonical } from "../../src/domain/canonical.ts";
import { verify } from "../../src/record.ts";
import { digestAnswered } from "./digest.ts";
import { forms } from "./forms.ts";
import { homes } from "./home.ts";
import { itemDiffers } from "./item.ts";
import { lists } from "./lists.ts";
import { operationDiffers } from "./operation.ts";
import { audits, replayed, type Places } from "./record.ts";
import { rowsOf, type PostingRow, type Rows } from "./rows.ts";
import type { Walk } from "./world.ts";

/** Everything that any surface says, against the rows: each sentence names the surface, the subject and both values. */

const TRIES = 5;

/** Surfaces are read one after the other: that counts only where the rows were the same before and after. */
export async function disagreements(walk: Walk): Promise<string[]> {
  const bot = walk.bot();
  for (let tries = 0; tries < TRIES; tries++) {
    await bot.slack.endFaults();
    await bot.passes(1_000);
    const rows = await rowsOf(walk.pool, bot.now());
    const found = await compared(walk, rows);
    if (canonical(await rowsOf(walk.pool, bot.now())) === canonical(rows)) return found;
  }
  throw new Error(`The rows changed ${TRIES} times while the surfaces were read.`);
}

async function compared(walk: Walk, rows: Rows): Promise<string[]> {
  const places = await placesOf(walk, rows);
  const { problem } = await verify(walk.pool);
  return [
    ...(await cards(walk, rows, places)),
    ...hidden(rows),
    ...(await lists(walk, rows)),
    ...(await digestAnswered(walk, rows)),
    ...(await homes(walk, rows)),
    ...(await forms(walk, rows, places)),
    ...(await audits(walk, rows, places)),
    ...replayed(rows),
    ...(problem === null ? [] : [`the record: ${problem}`]),
  ];
}

/** Every message in the channels, their threads and everybody's direct messages. */
async function placesOf(walk: Walk, rows: Rows): Promise<Places> {
  const reader = walk.as("rae");
  const channels = await Promise.all(
    ["#shop", "#ops"].map(async (channel) => {
      const roots = await reader.sees(channel);
      const threads = await Promise.all(roots.filter((one) => one.replies > 0).map((one) => reader.sees(channel, one)));
      return [...roots, ...threads.flat()];
    }),
  );
  const accounts = rows.postings.flatMap(({ place }) => (place.startsWith("person:") ? [place.slice(7)] : []));
  const direct = await Promise.all([...new Set(accounts)].map((account) => walk.as(account).sees("@daytwo")));
  return new Map([...channels.flat(), ...direct.flat()].map((one) => [one.ts, one]));
}

async function cards(walk: Walk, rows: Rows, places: Places): Promise<string[]> {
  const found = rows.operations.flatMap((operation) =>
    operation.asked.flatMap(({ person, account }) =>
      rows.postings.some((each) => isCopy(each, operation.id, account))
        ? []
        : [`op-${operation.id}: ${person} was asked, and has no message`],
    ),
  );
  for (const posting of rows.postings) found.push(...(await cardDiffers(walk, rows, places, posting)));
  return found;
}

/** Open items without a card in a channel that nothing stands for. */
function hidden({ items, postings }: Rows): string[] {
  const shown = new Set(
    postings
      .filter((each) => each.subjectKind === "item" && each.place.startsWith("channel:"))
      .map((each) => each.subject),
  );
  return items
    .filter(({ id, state }) => state !== "resolved" && !shown.has(id))
    .filter(
      ({ foldedUnder }) => !items.some(({ id, state }) => id === foldedUnder && state !== "resolved" && shown.has(id)),
    )
    .map(({ id }) => `#${id} is open, has no card, and nothing stands for it`);
}

function isCopy({ subjectKind, subject, place }: PostingRow, operation: number, account: string): boolean {
  return subjectKind === "operation" && subject === operation && place === `person:${account}`;
}

async function cardDiffers(walk: Walk, rows: Rows, places: Places, posting: PostingRow): Promise<string[]> {
  const { subjectKind, subject, place, messageTs } = posting;
  const item = subjectKind === "item" ? rows.items.find((each) => each.id === subject) : undefined;
  const operation = subjectKind === "operation" ? rows.operations.find((each) => each.id === subject) : undefined;
  if (item === undefined && operation === undefined) return [];
  const surface = `the card of ${subjectKind === "item" ? "#" : "op-"}${subject} at ${place}`;
  const card = places.get(messageTs ?? "");
  if (card === undefined) return [`${surface} is nowhere`];
  if (operation !== undefined) return operationDiffers(surface, card, operation, rows, walk.declared());
  if (item === undefined) return [];
  const answer = await walk.as("rae").asks(`/day2 #${subject}`);
  const said = answer.plain.replace(/\nSeen \d+ times, last .*$/, "");
  return [
    ...itemDiffers(surface, card, item, rows, walk.declared()),
    ...(said === card.plain ? [] : [`${surface} says\n${card.plain}\nand /day2 #${subject}\n${said}`]),
  ];
}
