import type { SaidMoment, SaidSpan } from "../domain/said-time.ts";
import { isDate } from "../domain/said-time.ts";
import { Invalid } from "../errors.ts";
import { durationAhead, nextWord, takeDuration } from "./pieces.ts";
import type { Words } from "./words.ts";

/** Reads moments and spans of time: "sat 22:00 for 2h", "every sat 10pm until sun 6:00", "now for 30m", "until mon 9:00". */

/** Ends a word here: a range may go on with its dash. */
const END = /[.,;:!?'"`*]*(?=\s|-|$)/.source;
const WEEKDAYS = [
  "mon(?:day)?s?",
  "tue(?:s(?:day)?)?s?",
  "wed(?:nesday)?s?",
  "thu(?:r(?:s(?:day)?)?)?s?",
  "fri(?:day)?s?",
  "sat(?:urday)?s?",
  "sun(?:day)?s?",
] as const;
const MONTHS = [
  "jan(?:uary)?",
  "feb(?:ruary)?",
  "mar(?:ch)?",
  "apr(?:il)?",
  "may",
  "june?",
  "july?",
  "aug(?:ust)?",
  "sept?(?:ember)?",
  "oct(?:ober)?",
  "nov(?:ember)?",
  "dec(?:ember)?",
] as const;
const MONTH = `(${MONTHS.join("|")})`;
const HALF = String.raw`\s*([ap])\.?m\.?`;
const CLOCK = String.raw`\d{1,2}(?:[:h]\d{2}(?:${HALF})?|${HALF})`;

const SOON = /(today|tonight|tomorrow|tmrw?)/.source;
const ORDINAL = "(?:st|nd|rd|th|\\.)?";
const DATE = String.raw`\d{4}-\d{1,2}-\d{1,2}|${MONTH}\s+\d{1,2}${ORDINAL}|\d{1,2}${ORDINAL}\s+${MONTH}`;
const TIME = String.raw`${CLOCK}|at\s+\d{1,2}|\d{1,2}h(?=\s+(?:for|until|till?)\s)|noon`;
const AHEAD = new RegExp(
  `^(?:(?:on|this|at|next)\\s+)?(?:(?:${SOON}|${WEEKDAYS.join("|")}|${DATE})(?:${END}|t\\d)|(?:${TIME})${END})`,
);

/** Whether a day or a time of day comes next; nothing is taken. */
export function momentAhead(words: Words): boolean {
  return AHEAD.test(words.rest);
}

/** Whether a span comes next, which also begins with `now`, `every`, `from`, `for`, `until` or `in 2h`. */
export function spanAhead(words: Words): boolean {
  return /^(?:now|every|each|weekly|from|for|until|till?)(?=\s|$)|^in\s+\d/.test(words.rest) || momentAhead(words);
}

/** A day, a time of day, or both; where only the day is said, its time is null. @throws Invalid */
export function takeMoment(words: Words, question: string): SaidMoment {
  words.take(/(?:on|this)(?=\s)/);
  const instant = takeInstant(words);
  if (instant !== null) return instant;
  const isTonight = /^tonight\b/.test(words.rest);
  const day = takeDay(words);
  const at = takeTime(words, day !== null && !isTonight);
  refuseZone(words, at);
  if (isTonight && at === null)
    throw new Invalid("When tonight?", { hint: "Write the time behind it, such as `tonight 22:00`." });
  if (day !== null) return { ...day, at };
  if (at !== null) return { on: "time", at };
  const said = words.rest === "" ? question : `\`${nextWord(words)}\` is no day and no time of day.`;
  throw new Invalid(said, { hint: "Write it like `sat 22:00`, `tomorrow 7:00` or `2026-12-01 18:00`." });
}

/** A clock's offset; a minus only behind seconds, since "10:00-11:00" is a range. */
const OFFSET = String.raw`(?::\d{2}(?:\.\d+)?)?(?:\s*(?:z|utc|gmt)|\+\d{2}:?\d{2})|:\d{2}(?:\.\d+)?-\d{2}:?\d{2}`;
const INSTANT = new RegExp(`(\\d{4}-\\d{2}-\\d{2})(?:t|\\s+)(\\d{2}:\\d{2})(${OFFSET})${END}`);

/** What machines write, "2026-12-03T10:00Z" or "2026-12-03 10:00 UTC", means the same everywhere. */
function takeInstant(words: Words): SaidMoment | null {
  const match = words.take(INSTANT);
  if (match === null) return null;
  const [said, date = "", time = "", offset = ""] = match;
  const zone = offset.replace(/^:[\d.]+/, "").trim();
  const ms = Date.parse(`${date}T${time}${/^[a-z]/i.test(zone) ? "Z" : zone.replace(/(\d{2})(\d{2})$/, "$1:$2")}`);
  if (!isDate(date) || Number.isNaN(ms))
    throw new Invalid(`\`${said.trim()}\` is no time.`, { hint: "Write it like `2026-12-03T10:00Z`." });
  return { on: "instant", ms };
}

/** A time of day is read by the clocks of who says it; another's, read as theirs, would be hours off. */
function refuseZone(words: Words, at: string | null): void {
  const zone = /^(?:utc|gmt|z|[cemw]es?t|[ecmp][sd]t|bst|ist|jst)(?=[\s,;:.-]|$)/.exec(words.rest)?.[0].toUpperCase();
  if (at !== null && zone !== undefined)
    throw new Invalid(`${at} ${zone} is not by your own clocks, and times of day are read by those.`, {
      hint: `Write it by your clocks, or with its date, such as \`2026-12-03T10:00Z\` (UTC).`,
    });
}

/** When something begins and how long it goes on. Without a beginning it begins now. @throws Invalid */
export function takeSpan(words: Words): SaidSpan {
  const early = /^for\s/.test(words.rest) ? takeLengthIfThere(words) : null;
  const weekly = takeWeekly(words);
  words.take(/from(?=\s|$)/);
  const from = takeBeginning(words, weekly || early !== null);
  const length = early ?? takeLengthIfThere(words);
  return { weekly, from, end: length === null ? { until: takeEnd(words) } : { length } };
}

function takeLengthIfThere(words: Words): number | null {
  return words.take(/for(?=\s|$)/) !== null || durationAhead(words) ? takeDuration(words) : null;
}

function takeWeekly(words: Words): boolean {
  if (words.take(/daily(?=\s|$)|(?:every|each)\s+(?:day|weekday|night|month|year|hour|other)(?=\s|$)/) !== null)
    throw new Invalid("Only what is every week repeats here.", {
      hint: "Write one for each day, such as `every sat 22:00 for 2h`.",
    });
  if (words.take(/(?:every|each)\s+week(?:\s+on)?(?=\s|$)|(?:every|each|weekly)(?:\s+on)?(?=\s|$)/) === null)
    return /^(?:mon|tues|wednes|thurs|fri|satur|sun)days\b/.test(words.rest);
  return true;
}

/** With a length said before it, or nothing at all, it begins now. */
function takeBeginning(words: Words, mayBeLeftOut: boolean): SaidMoment {
  if (words.take(/now(?=[\s,;:-]|$)/) !== null) return { on: "now" };
  if (words.take(/in(?=\s+\d)/) !== null) return { on: "in", ms: takeDuration(words) };
  if (momentAhead(words)) return timed(takeMoment(words, BEGIN), BEGIN);
  if (mayBeLeftOut || /^(?:for|until|till?|-)(?=\s|$)/.test(words.rest)) return { on: "now" };
  return timed(takeMoment(words, BEGIN), BEGIN);
}

const BEGIN = "When does it begin?";
const UNTIL = "How long? Write `for 2h`, or `until 23:30`.";

function takeEnd(words: Words): SaidMoment {
  if (words.take(/(?:until|till?|to)(?=\s|\d|$)|-+(?=[\sa-z\d]|$)/) === null) throw new Invalid(UNTIL);
  return timed(takeMoment(words, UNTIL), "Until when?");
}

/** Of what begins and ends by the clock the time must be said. */
function timed(moment: SaidMoment, question: string): SaidMoment {
  if ("at" in moment && moment.at === null)
    throw new Invalid(`${question} Write the time behind the day, such as \`sat 22:00\`.`);
  return moment;
}

type Day = { readonly on: "day"; readonly ahead: 0 | 1 } | { readonly on: "weekday"; readonly weekday: number } | Dated;
type Dated = { readonly on: "date"; readonly date: string } | { readonly on: "yearly"; readonly monthDay: string };

function takeDay(words: Words): Day | null {
  if (words.take(/next\s+(?=[a-z])/) !== null)
    throw new Invalid("`next` may mean two days.", { hint: "Write the day, such as `sat 22:00`, or its date." });
  const soon = words.take(new RegExp(`${SOON}${END}`));
  if (soon !== null) return { on: "day", ahead: /^to(?:day|night)$/i.test(soon[1] ?? "") ? 0 : 1 };
  const weekday = WEEKDAYS.findIndex((day) => words.take(new RegExp(`${day}${END}`)) !== null) + 1;
  return weekday > 0 ? { on: "weekday", weekday } : takeDate(words);
}

function takeDate(words: Words): Dated | null {
  const whole = words.take(/(\d{4})-(\d{1,2})-(\d{1,2})(?:t(?=\d)|[.,;:!?]*(?=\s|$))/);
  if (whole !== null) {
    const [, year = "", month = "", day = ""] = whole;
    const date = [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-");
    if (isDate(date)) return { on: "date", date };
    throw new Invalid(`\`${date}\` is no date.`, { hint: "Write it like `2026-12-01 18:00`." });
  }
  if (/^\d{1,4}[/.]\d{1,2}(?:[/.]\d{0,4})?(?=\s|$)/.test(words.rest))
    throw new Invalid(`\`${nextWord(words)}\` may mean several things.`, {
      hint: "Write a date like `2026-12-01` or `1 dec`, and a time like `22:00`.",
    });
  const named =
    words.take(new RegExp(`(\\d{1,2})${ORDINAL}\\s+${MONTH}${END}`)) ??
    words.take(new RegExp(`${MONTH}\\s+(\\d{1,2})${ORDINAL}${END}`));
  if (named === null) return null;
  const [day = "", month = ""] = [named[1] ?? "", named[2] ?? ""].toSorted();
  const monthDay = `${monthNumber(month)}-${day.padStart(2, "0")}`;
  if (!isDate(`2024-${monthDay}`)) throw new Invalid(`There is no ${named[0].trim()}.`);
  return { on: "yearly", monthDay };
}

function monthNumber(month: string): string {
  return `${MONTHS.findIndex((each) => each.startsWith(month.toLowerCase().slice(0, 3))) + 1}`.padStart(2, "0");
}

const CLOCKS = [
  String.raw`(\d{1,2})(?:[:h](\d{2}))?${HALF}${END}`,
  String.raw`(\d{1,2})[:h](\d{2})${END}`,
  String.raw`(\d{1,2})h?(?=\s*(?:for|until|till?|to|-)[\s\d])`,
] as const;

/** "22:00", "22h00", "10pm", "at 22", "noon" → "22:00"; "22" alone only where it is clear by what follows. */
function takeTime(words: Words, hasDay: boolean): string | null {
  const at = words.take(/(?:at|from)(?=\s*\d|\s+noon)/) !== null;
  if (words.take(new RegExp(`noon${END}`)) !== null) return "12:00";
  const patterns = at ? [...CLOCKS, String.raw`(\d{1,2})${END}`] : CLOCKS;
  for (const pattern of patterns) {
    const clock = words.take(new RegExp(pattern));
    if (clock !== null) return clockText(clock);
  }
  const bare = /^(?:(\d{1,2})h?|morning|afternoon|evening|night|midnight)(?=[\s,;:]|$)/.exec(words.rest);
  if (hasDay && bare !== null)
    throw new Invalid(`Is ${bare[0]} the time?`, {
      hint: `Write it like \`${bare[1] ?? "18"}:00\`, or begin with another word.`,
    });
  return null;
}

function clockText([said, hours = "", minutes = "", half = ""]: RegExpExecArray): string {
  const hour = half === "" ? Number(hours) : (Number(hours) % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  if (hour === 24 && Number(minutes) === 0)
    throw new Invalid("`24:00` is no time of day.", { hint: "Write `0:00` of the next day." });
  if (hour > 23 || Number(minutes) > 59 || (half !== "" && (Number(hours) > 12 || Number(hours) < 1)))
    throw new Invalid(`\`${said.trim()}\` is no time of day. Write it like \`22:00\`.`);
  return `${`${hour}`.padStart(2, "0")}:${minutes === "" ? "00" : minutes}`;
}
