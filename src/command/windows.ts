import { Invalid } from "../errors.ts";
import { spanAhead, takeSpan } from "./moments.ts";
import * as pieces from "./pieces.ts";
import type { Context, ItemPlace, ServicePlace, WindowRequest } from "./request.ts";
import type { Words } from "./words.ts";

/** Reads what is said about maintenance and freezes: "shop sat 22:00 for 2h deploy", "end 3", or nothing for the list. */
export function readWindow(verb: WindowRequest["verb"], words: Words, context: Context): WindowRequest {
  if (words.rest === "" || words.take(/(?:list|show)[.!?]*$/) !== null) return { verb, what: "list" };
  if (words.take(/(?:end|stop|cancel|remove|delete)(?=\s|$)/) !== null)
    return { verb, what: "end", window: takeNumber(words) };
  const on = takeOn(words, context);
  const span = takeSpan(words);
  const reason = pieces.takeText(words, REASONS[verb]);
  return { verb, what: "plan", on, span, reason };
}

const REASONS = {
  window: "What is it for? Write it behind the time, such as `deploy`; the channel reads it.",
  freeze: "Why shall nothing change? Write it behind the time; who wants to change something reads it.",
} as const;

function takeNumber(words: Words): number {
  const number = pieces.takeItemIfThere(words);
  if (number !== undefined) return number;
  throw new Invalid(words.rest === "" ? "Which one?" : `\`${pieces.nextWord(words)}\` is not a window's number.`, {
    hint: "`/day2 window` lists them with their numbers.",
  });
}

/** In a thread the item's service may be left out. */
function takeOn(words: Words, context: Context): ItemPlace | ServicePlace {
  words.take(/(?:for|of|on)(?=\s+[a-z])/);
  if (!spanAhead(words)) return { service: pieces.takeService(words) };
  if (context.item !== undefined) return { item: context.item };
  if (words.rest === "") return pieces.missingService(words);
  throw new Invalid("For which service? Write it before the time: `shop sat 22:00 for 2h …`, or `all`.");
}
