import { RESPONSIBILITIES, type Responsibility } from "../domain/duty.ts";
import { parseDuration } from "../domain/measures.ts";
import { nearest } from "../domain/nearest.ts";
import { Invalid } from "../errors.ts";
import type { AssigneeWord, Context, PartyWord } from "./request.ts";
import { readable, type Words } from "./words.ts";

/** The pieces that commands are made of. Each takes its words, or throws Invalid with what would be right. */

/** Ends a word: a space, the end, or punctuation that somebody put behind it. */
const END = /[.,;:!?'"`*]*(?=\s|$)/.source;
/** Quotes, backticks and stars that came along with a copied word. */
const OPEN = /['"`*]*/.source;

const spellings = new Map<string, RegExp>();

/** The words of a name of ours as people write them: "hand-off", "hand off", "handoff". */
export function spelled(name: string): RegExp {
  const known = spellings.get(name) ?? new RegExp(`${OPEN}${name.split("-").join("[\\s-]*")}(?:${END}|(?=[#<@]))`);
  spellings.set(name, known);
  return known;
}

/** Which of several names comes next, if any; the longest that fits. */
export function takeOneOf<Name extends string>(words: Words, names: readonly Name[]): Name | undefined {
  return [...names].sort((a, b) => b.length - a.length).find((name) => words.take(spelled(name)) !== null);
}

/** The next word as it reads in Slack, for a message about it; nothing is taken. */
export function nextWord(words: Words): string {
  const [next = ""] = /^(?:<[^<>]*>\S*|\S+)/.exec(words.rest) ?? [];
  return readable(next).slice(0, 40).replaceAll("`", "'");
}

const ITEM = new RegExp(`${OPEN}(?:item\\s+)?#?\\s*(\\d{1,15})(?:${END}|[,;](?=\\s*#?\\d))`);
const OPERATION = new RegExp(`${OPEN}op[\\s-]*#?(\\d{1,15})${END}`);

/** "#142", "# 142", "142", "item 142", and "142" of "142,143"; undefined when something else comes next. */
export function takeItemIfThere(words: Words): number | undefined {
  const match = words.take(ITEM);
  return match === null ? undefined : positive(match[1] ?? "", "An item's number");
}

/** The item that is named, or the thread's. */
export function takeItem(words: Words, context: Context): number {
  const named = takeItemIfThere(words) ?? context.item;
  if (named !== undefined) return named;
  if (OPERATION_AHEAD.test(words.rest))
    throw new Invalid(`\`${nextWord(words)}\` is an operation; this needs an item, such as \`#142\`.`);
  throw new Invalid(
    words.rest === ""
      ? "Which item? Write its number, such as `#142`."
      : `\`${nextWord(words)}\` is not an item. Write its number, such as \`#142\`.`,
  );
}

/**
 * The item, where a person's own words follow. In a thread a bare number may be the first of these words, so an item
 * is named with `#` there.
 */
export function takeItemBeforeText(words: Words, context: Context): number {
  const bare = /^(?:item\s+)?(\d+)(?=\s|$)/.exec(words.rest)?.[1];
  if (context.item !== undefined && bare !== undefined) {
    throw new Invalid(`Is ${bare} the item #${bare}, or part of what you say about #${context.item}?`, {
      hint: `Write \`#${bare}\` for the item, or begin with another word.`,
    });
  }
  return takeItem(words, context);
}

const OPERATION_AHEAD = /^op[\s-]*#?\d/;

/** "op-17", "OP 17"; undefined when something else comes next. */
export function takeOperationIfThere(words: Words): number | undefined {
  const match = words.take(OPERATION);
  return match === null ? undefined : positive(match[1] ?? "", "An operation's number");
}

/** The same, or a bare "17". */
export function takeOperation(words: Words): number {
  const named = takeOperationIfThere(words);
  if (named !== undefined) return named;
  if (words.rest.startsWith("#"))
    throw new Invalid(`\`${nextWord(words)}\` is an item; this needs an operation, such as \`op-17\`.`);
  const bare = takeItemIfThere(words);
  if (bare !== undefined) return bare;
  throw new Invalid(
    words.rest === ""
      ? "Which operation? Write its number, such as `op-17`."
      : `\`${nextWord(words)}\` is not an operation. Write its number, such as \`op-17\`.`,
  );
}

function positive(digits: string, what: string): number {
  const number = Number(digits);
  if (number < 1) throw new Invalid(`${what} begins at 1.`);
  return number;
}

const KEY = "[a-z][a-z0-9-]{0,39}";
const SERVICE = new RegExp(`${OPEN}(${KEY})${END}`);
const TARGET = new RegExp(`${OPEN}(${KEY}/${KEY})${END}`);
const SERVICE_PATH = new RegExp(`${OPEN}(${KEY})(?:/([a-z0-9][a-z0-9._/-]{0,99}?))?${END}`);

/** A service's key; null when nothing is left. */
export function takeServiceOrNone(words: Words): string | null {
  return words.rest === "" ? null : takeService(words);
}

/** What people say before a name, above all to a phone that writes for them: "status of the shop". */
const BEFORE_A_NAME = /(?:(?:of|for|the)\s+)+(?=[a-z])/;

export function takeService(words: Words): string {
  words.take(BEFORE_A_NAME);
  return words.take(SERVICE)?.[1]?.toLowerCase() ?? missingService(words);
}

/** "shop/web": a service, and one of what it has. */
export function takeServicePathIfThere(words: Words): { service: string; part: string | null } | undefined {
  words.take(/the\s+(?=[a-z])/);
  const match = words.take(SERVICE_PATH);
  if (match === null) return undefined;
  return { service: (match[1] ?? "").toLowerCase(), part: match[2]?.toLowerCase() ?? null };
}

/** A target's whole name, "shop/web"; undefined when something else comes next. */
export function takeTargetIfThere(words: Words): string | undefined {
  return words.take(TARGET)?.[1]?.toLowerCase();
}

export function missingService(words: Words): never {
  if (words.rest === "")
    throw new Invalid("Which service? Write its key, such as `shop`.", { hint: "`/day2 status` lists them." });
  const next = nextWord(words);
  if (/^https?:|^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/|$)/.test(next))
    throw new Invalid(`\`${next}\` is an address; this needs a service's key, such as \`shop\`.`, {
      hint: "`/day2 status` lists them; `/day2 add` watches an address.",
    });
  throw new Invalid(
    `\`${next}\` is not a service's key: those begin with a small letter and have only small letters, digits and \`-\`.`,
    {
      hint: "`/day2 status` lists them.",
    },
  );
}

const UNIT = "(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)";
const AMOUNT = String.raw`\d+(?:[.,]\d+)?`;
const DURATION = new RegExp(`(${AMOUNT}\\s*${UNIT}(?:\\s*${AMOUNT}\\s*${UNIT}(?![a-z]))*(?:\\d+)?)${END}`);

/** Durations that are spoken: a phone writes "two hours" as it heard it. */
const NUMBERS = "an? one two three four five six seven eight nine ten eleven twelve".split(" ");
const SPOKEN = new RegExp(`(half\\s+an|${NUMBERS.join("|")})\\s+((?:minute|hour|day|week)s?)${END}`);

function spokenAmount(said: string): string {
  if (/^half/i.test(said)) return "0.5";
  return `${Math.max(NUMBERS.indexOf(said.toLowerCase()), 1)}`;
}

const MINUTE = 60_000;
const SHORTEST = MINUTE;
const LONGEST = 30 * 24 * 60 * MINUTE;

/** Whether a duration comes next; nothing is taken. */
export function durationAhead(words: Words): boolean {
  return new RegExp(`^(?:${DURATION.source}|${SPOKEN.source})`).test(words.rest);
}

/** "10m", "10 min", "2h30", "1h 30m", "1,5h", "two hours" → ms, from 1 minute to 30 days. */
export function takeDuration(words: Words): number {
  const spoken = words.take(SPOKEN);
  const written = spoken === null ? words.take(DURATION)?.[1] : `${spokenAmount(spoken[1] ?? "")} ${spoken[2]}`;
  if (written === undefined) throw notADuration(words);
  const ms = parseDuration(written.toLowerCase().replaceAll(",", "."));
  if (ms < SHORTEST || ms > LONGEST) throw new Invalid(`\`${written}\` is out of range: from 1 minute to 30 days.`);
  return ms;
}

function notADuration(words: Words): Invalid {
  const bare = /^\d+(?=\s|$)/.exec(words.rest)?.[0];
  if (bare !== undefined) return new Invalid(`${bare} of what? Write \`${bare}m\`, \`${bare}h\` or \`${bare}d\`.`);
  const said = words.rest === "" ? "How long?" : `\`${nextWord(words)}\` is not a duration.`;
  return new Invalid(`${said} Write it like \`30m\`, \`2h\`, \`2h30\` or \`3d\`.`);
}

const PARTIES: readonly (readonly [RegExp, (match: RegExpExecArray) => PartyWord])[] = [
  [/<@([UW][A-Z0-9]+)(?:\|[^>]*)?>/, (match) => ({ kind: "account", account: (match[1] ?? "").toUpperCase() })],
  [/<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>/, (match) => ({ kind: "group", group: (match[1] ?? "").toUpperCase() })],
  [/@?me/, () => ({ kind: "self" })],
  [new RegExp(`@?team-(${KEY})`), (match) => ({ kind: "team", team: (match[1] ?? "").toLowerCase() })],
  [/@?([\p{L}\d](?:[\p{L}\p{M}\d._-]{0,78}[\p{L}\p{M}\d])?)/u, (match) => ({ kind: "typed", typed: match[1] ?? "" })],
];

/** A mention, `@ana`, `ana`, `me`, `team-web` or a user group's mention. */
export function takeParty(words: Words): PartyWord {
  for (const [pattern, read] of PARTIES) {
    const match = words.take(new RegExp(`${OPEN}(?:${pattern.source})${END}`, "u"));
    if (match !== null) return read(match);
  }
  const said = words.rest === "" ? "Who?" : `\`${nextWord(words)}\` is not a person or team.`;
  throw new Invalid(`${said} Write a mention such as \`@ana\`, or \`team-web\`.`);
}

const ROTATION = new RegExp(`${OPEN}@?rotation-(${KEY})${END}`);

/** The same, or `rotation-web`. */
export function takeAssignee(words: Words): AssigneeWord {
  const match = words.take(ROTATION);
  return match === null ? takeParty(words) : { kind: "rotation", rotation: (match[1] ?? "").toLowerCase() };
}

export function takeResponsibility(words: Words): Responsibility {
  const found = takeOneOf(words, RESPONSIBILITIES);
  if (found !== undefined) return found;
  const word = nextWord(words);
  const near = nearest(word, RESPONSIBILITIES);
  const said = word === "" ? "Which responsibility?" : `\`${word}\` is not a responsibility.`;
  const hint = near === undefined ? `Possible: ${RESPONSIBILITIES.join(", ")}.` : `Did you mean \`${near}\`?`;
  throw new Invalid(said, { hint });
}

/** An address as it was typed, without what Slack or a copied sentence put around it; whether it is one, its reader says. */
export function takeAddress(words: Words): string {
  const match = words.take(/(?:['"`*]*<[^<>]+>\S*|\S+)/);
  const address = readable(match?.[0] ?? "").replaceAll(/^['"`*]+|['"`*.,;!?]+$/g, "");
  if (address === "") throw new Invalid("Which address? Write it whole, such as `https://shop.example.com`.");
  return address;
}

/** What a person says in their own words. */
export function takeText(words: Words, question: string): string {
  const text = words.takeText().replace(/^[:,;–—-]+\s*/, "");
  if (text === "") throw new Invalid(question);
  return text;
}

/** One of them: where a text can be read in two ways, a long one that does not end well would be read in all of them. */
const EMOJI = String.raw`(?::[a-z0-9_+-]+:|[\p{Extended_Pictographic}\p{Emoji_Modifier}\u200D\uFE0F])`;
const POLITE = new RegExp(`(?:[.,;:!?'"\`*\\s]|${EMOJI}|\\b(?:please|pls|thanks|thank you|now)\\b)*$`);

/** Emoji that somebody put before the command. */
export function takeEmoji(words: Words): void {
  words.take(new RegExp(`(?:${EMOJI}\\s*)+`));
}

/** @throws Invalid when something is left that nobody asked for; polite words, emoji and punctuation are let pass. */
export function takeNothing(words: Words): void {
  words.take(POLITE);
  if (words.rest !== "")
    throw new Invalid(`I do not understand \`${words.rest.slice(0, 60).replaceAll("`", "'")}\` at the end.`);
}
