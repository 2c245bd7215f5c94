import type { ItemCard } from "../domain/board/item-card.ts";
import { personOf } from "../domain/duty.ts";
import { stormChannel, type Item } from "../domain/item.ts";
import { mention, named, plain, when } from "./text.ts";

/** Who has an item, who has seen it, and who was told while nobody acts. */

export function ownerLine({ item, names, duty, serviceName, quiet }: ItemCard): string {
  const call = quiet === true && item.ownedSince === null ? named : mention;
  if (item.owner !== null) return `Owner: ${call(names, item.owner)} (${ownedWords(item)})`;
  if (stormChannel(item) !== null) return "Owner: nobody for the whole storm; each of its items has its own";
  const where = `${item.responsibility}${serviceName === null ? "" : ` of ${plain(serviceName, 60)}`}`;
  if (duty === null) return `Owner: nobody, and nobody is named for ${where}`;
  if ("by" in duty) return `Owner: nobody here; ${named(names, duty)} answers for ${where}`;
  if ("rotation" in duty)
    return `Owner: nobody; ${named(names, duty)} answers for ${where}, and nobody in it is available`;
  return `Owner: nobody yet; ${mention(names, duty)} answers for ${where}`;
}

function ownedWords(item: Item): string {
  if (item.ownedSince === null) return "has not taken it yet";
  if (isSeenByOwner(item)) return `took it ${when(item.ownedSince)}${asksAgain(item)}`;
  return `since ${when(item.ownedSince)}, not confirmed yet`;
}

export function acknowledgementLine({ item, names }: ItemCard): string[] {
  const { acknowledgedBy, acknowledgedAt } = item;
  if (acknowledgedBy === null || isSeenByOwner(item)) return [];
  const at = acknowledgedAt === null ? "" : ` ${when(acknowledgedAt)}`;
  return [`Seen by ${named(names, { person: acknowledgedBy })}${at}, not theirs${asksAgain(item)}`];
}

/** While nobody acts: who knows. */
export function toldLine({ item, names, told }: ItemCard): string[] {
  if (told === undefined || item.state !== "open" || item.acknowledgedBy !== null) return [];
  const people = told.map((person) => named(names, { person })).join(", ");
  return [people === "" ? "📣 Nobody has acted" : `📣 Nobody has acted; told ${people}`];
}

/** What is snoozed asks nobody until it wakes. */
function asksAgain({ state, acknowledgedUntil }: Item): string {
  return acknowledgedUntil === null || state === "snoozed" ? "" : `; asks again ${when(acknowledgedUntil)}`;
}

function isSeenByOwner({ owner, acknowledgedBy }: Item): boolean {
  return acknowledgedBy !== null && personOf(owner) === acknowledgedBy;
}
