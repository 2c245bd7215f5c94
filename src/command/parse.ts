import { Invalid } from "../errors.ts";
import { takeEmoji, takeNothing } from "./pieces.ts";
import type { Context, Request, VerbName } from "./request.ts";
import { takeVerb, usageOf, VERBS } from "./verbs.ts";
import { wordsOf } from "./words.ts";
import type { Words } from "./words.ts";

/**
 * Reads what somebody typed behind `/day2`, or behind a mention of the bot. Nothing typed asks for the desk.
 * It forgives how things are written, and never guesses what was meant: what it does not understand it says, with the
 * usage of the verb, or the verb that it may have been.
 * @throws Invalid
 */
export function parse(text: string, context: Context): Request {
  const words = wordsOf(text);
  words.take(/(?:>|&gt;)(?=\s)/);
  takeEmoji(words);
  words.take(/<@[UW][A-Z0-9]+(?:\|[^>]*)?>[,:]?/);
  words.take(/@daytwo[,:]?(?=\s|$)/);
  words.take(/\/?day2(?=\s|$)/);
  if (words.rest === "") return { verb: "desk" };
  const short = takeShortcut(words);
  if (short !== undefined) return short;
  const verb = takeVerb(words, context);
  if (words.take(/(?:\?|-+h(?:elp)?)(?=\s|$)/) !== null) return { verb: "help", about: verb };
  return withUsage(verb, () => {
    const request = VERBS[verb].parse(words, context);
    takeNothing(words);
    return request;
  });
}

/** What is clear without a verb: a number shows what it stands for, `mine` and `unowned` list, `?` asks for help. */
const SHORTCUTS: readonly (readonly [RegExp, (match: RegExpExecArray) => Request])[] = [
  [/(?:\?|-+h(?:elp)?)$/, () => ({ verb: "help", about: null })],
  [
    /(mine|my items|unowned)[.!?]?$/,
    (match) => ({ verb: "items", which: match[1]?.toLowerCase() === "unowned" ? "unowned" : "mine" }),
  ],
  [/#\s*([1-9]\d{0,14})[.!?]?$/, (match) => ({ verb: "items", which: { item: Number(match[1]) } })],
  [/op[\s-]*([1-9]\d{0,14})[.!?]?$/, (match) => ({ verb: "audit", of: { operation: Number(match[1]) } })],
];

function takeShortcut(words: Words): Request | undefined {
  for (const [pattern, read] of SHORTCUTS) {
    const match = words.take(pattern);
    if (match !== null) return read(match);
  }
  return undefined;
}

function withUsage(verb: VerbName, read: () => Request): Request {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Invalid) || error.hint?.includes("Usage: ") === true) throw error;
    const hint = [error.hint, `Usage: \`${usageOf(verb)}\``].filter((part) => part !== undefined).join(" ");
    throw new Invalid(error.message, { hint, cause: error });
  }
}
