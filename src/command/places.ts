import { Invalid } from "../errors.ts";
import { momentAhead, takeMoment } from "./moments.ts";
import * as pieces from "./pieces.ts";
import type { Aside, Asked, Context, ItemPlace, ItemsPlace, Request, ServicePlace } from "./request.ts";
import type { Words } from "./words.ts";

/** What follows the verbs that are about items, services and responsibilities. */

/** An item, a service, or in a thread the thread's item. */
export function itemOrService(words: Words, context: Context): ItemPlace | ServicePlace {
  const item = pieces.takeItemIfThere(words);
  if (item !== undefined) return { item };
  if (words.rest === "" && context.item !== undefined) return { item: context.item };
  if (words.rest === "") throw new Invalid("Which one? Write an item such as `#142`, or a service such as `shop`.");
  return { service: pieces.takeService(words) };
}

/** Several items, a service, or in a thread the thread's item; and for how long, in ms. */
export function readHeld(
  words: Words,
  context: Context,
): { readonly on: ItemsPlace | ServicePlace; readonly duration: number | null } {
  const items = takeItems(words);
  if (items.length > 0) return { on: { items }, duration: takeLength(words) };
  const said = words.take(/(?:it|this)[.!?]*(?=\s|$)/) !== null;
  const isHere = said || words.rest === "" || FOR.test(words.rest) || pieces.durationAhead(words);
  if (isHere && context.item !== undefined) return { on: { items: [context.item] }, duration: takeLength(words) };
  if (isHere) throw new Invalid("Which one? Write an item such as `#142`, several, or a service such as `shop`.");
  if (/^op[\s-]*#?\d/.test(words.rest))
    throw new Invalid(`\`${pieces.nextWord(words)}\` is an operation; this needs an item, such as \`#142\`.`);
  if (!/^['"`*]*[a-z]/.test(words.rest))
    throw new Invalid(
      `\`${pieces.nextWord(words)}\` is neither an item nor a service. Write its number, such as \`#142\`, or a key such as \`shop\`.`,
    );
  return { on: { service: pieces.takeService(words) }, duration: takeLength(words) };
}

const FOR = /^for(?=\s+\d)/;

function takeItems(words: Words): number[] {
  const items = new Set<number>();
  for (;;) {
    // "#12 30 min" is one item, for half an hour.
    const item = pieces.durationAhead(words) ? undefined : pieces.takeItemIfThere(words);
    if (item === undefined) return [...items];
    items.add(item);
    words.take(/(?:and|&)(?=\s|$)/);
  }
}

function takeLength(words: Words): number | null {
  if (words.take(/for(?=\s|$)/) === null && !pieces.durationAhead(words)) return null;
  return pieces.takeDuration(words);
}

/** An item and why it is noise; or nothing, which asks what is. */
export function readNoise(words: Words, context: Context): Asked<"noise"> {
  if (words.rest === "") return { verb: "noise", about: null };
  const item = pieces.takeItemBeforeText(words, context);
  const reason = pieces.takeText(words, "Why is it noise? Write the reason behind the item; it is counted.");
  return { verb: "noise", about: { item, reason } };
}

export function readWhich(words: Words): Asked<"items">["which"] {
  if (words.rest === "") return "all";
  const item = pieces.takeItemIfThere(words);
  if (item !== undefined) return { item };
  const named = pieces.takeOneOf(words, ["all", "mine", "unowned"]);
  return named ?? { service: pieces.takeService(words) };
}

export function readLook(words: Words, context: Context): Asked<"check">["on"] {
  const item = pieces.takeItemIfThere(words) ?? (words.rest === "" ? context.item : undefined);
  if (item !== undefined) return { item };
  const path = pieces.takeServicePathIfThere(words) ?? pieces.missingService(words);
  return { service: path.service, check: path.part };
}

export function readAudited(words: Words, context: Context): Asked<"audit">["of"] {
  const operation = pieces.takeOperationIfThere(words);
  if (operation !== undefined) return { operation };
  if (words.rest === "" && context.item === undefined) return "all";
  return itemOrService(words, context);
}

export function readHandOff(words: Words, context: Context): Request {
  const item = pieces.takeItem(words, context);
  words.take(/to(?=\s|$)/);
  const to = pieces.takeParty(words);
  return {
    verb: "handoff",
    item,
    to,
    note: pieces.takeText(words, "What should they know? Write a note behind the name."),
  };
}

export function readSnooze(words: Words, context: Context): Request {
  return { verb: "snooze", ...takeAside(words, context, "Why can it wait?") };
}

/** The same at the source of an item's alerts, or the end of it. */
export function readSilence(words: Words, context: Context): Request {
  if (words.take(/end(?=\s|$)/) !== null) return { verb: "silence", item: pieces.takeItem(words, context), end: true };
  return { verb: "silence", ...takeAside(words, context, "Why silence it?") };
}

function takeAside(words: Words, context: Context, why: string): Aside {
  const here = pieces.durationAhead(words) || momentAhead(words) || UNTIL.test(words.rest) ? context.item : undefined;
  const item = here ?? pieces.takeItem(words, context);
  const until = words.take(/(?:until|till?)(?=\s|$)/) !== null || (momentAhead(words) && !pieces.durationAhead(words));
  const moment = until ? takeMoment(words, "Until when? Write a day or a time.") : null;
  if (moment === null) words.take(/for(?=\s|$)/);
  const duration = moment === null ? pieces.takeDuration(words) : null;
  const reason = pieces.takeText(words, `${why} Write the reason behind the ${until ? "time" : "duration"}.`);
  return moment === null ? { item, duration: duration ?? 0, reason } : { item, until: moment, reason };
}

const UNTIL = /^(?:until|till?)\s/;

export function readAdded(words: Words): Asked<"add"> {
  const address = pieces.takeAddress(words);
  const named = words.take(/as(?=\s|$)/) !== null;
  return { verb: "add", address, service: named ? pieces.takeService(words) : null };
}

export function readAssign(words: Words): Request {
  const service = pieces.takeService(words);
  const responsibility = pieces.takeResponsibility(words);
  words.take(/to(?=\s|$)/);
  const nobody = pieces.takeOneOf(words, ["nobody"]) !== undefined;
  return { verb: "assign", service, responsibility, to: nobody ? null : pieces.takeAssignee(words) };
}
