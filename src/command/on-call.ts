import type { Until } from "../domain/until.ts";
import { Invalid } from "../errors.ts";
import * as pieces from "./pieces.ts";
import type { Request } from "./request.ts";
import type { Words } from "./words.ts";

/** What follows the verbs about being on call. */

type Asked<Verb extends Request["verb"]> = Extract<Request, { verb: Verb }>;

/** "", "web", "web @ana until mon 09:00", "web end". */
export function readOnCall(words: Words): Asked<"oncall"> {
  if (words.rest === "") return { verb: "oncall", of: null, change: null };
  const of = pieces.takeService(words);
  if (words.rest === "") return { verb: "oncall", of, change: null };
  if (pieces.takeOneOf(words, ["end"]) !== undefined) return { verb: "oncall", of, change: "end" };
  return { verb: "oncall", of, change: { person: pieces.takeParty(words), until: takeUntil(words) } };
}

/** "@ben until mon 09:00", "for @ben web for 8h". */
export function readCover(words: Words): Asked<"cover"> {
  words.take(/for(?=\s|$)/);
  const whom = pieces.takeParty(words);
  words.take(/(?:on|in|of)(?=\s|$)/);
  const rotation =
    /^(?:until|till|til|for)(?:\s|$)/.test(words.rest) || words.rest === "" ? null : pieces.takeService(words);
  return { verb: "cover", whom, rotation, until: takeUntil(words) };
}

/** "until mon 09:00", "for 3d", "end"; a lead with whom it is about somebody else. */
export function readAway(words: Words): Asked<"away"> {
  const whom =
    /^(?:until|till|til|for|end)(?:\s|[.,!]|$)/.test(words.rest) || words.rest === "" ? null : pieces.takeParty(words);
  if (pieces.takeOneOf(words, ["end"]) !== undefined) return { verb: "away", whom, until: null };
  return { verb: "away", whom, until: takeUntil(words) };
}

const TIME = /(?:at\s+)?([01]?\d|2[0-3])[:.h]([0-5]\d)(?:[.,;!?]*(?=\s|$))/;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY = /(?:next\s+|on\s+)?(mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*(?=\s|$)/;
const DATE = /(?:the\s+)?(\d{4}-\d\d-\d\d)[.,]*(?=\s|$)/;
const HOW = "Until when? Write it like `until mon 09:00`, `until 2026-12-24 18:00`, `until 18:00` or `for 8h`.";

/** "for 8h", "until mon", "until tomorrow 9:00", "until 2026-12-24 18:00", "until 18:00". */
function takeUntil(words: Words): Until {
  if (words.take(/for(?=\s|$)/) !== null) return { kind: "for", ms: pieces.takeDuration(words) };
  if (words.take(/(?:until|till|til)(?=\s|$)/) === null) throw new Invalid(HOW);
  const day = words.take(DAY)?.[1];
  if (day !== undefined) return { kind: "weekday", weekday: DAYS.indexOf(day.toLowerCase()) + 1, at: takeTime(words) };
  const date = words.take(DATE)?.[1];
  if (date !== undefined) return { kind: "date", date: dateOf(date), at: takeTime(words) };
  if (words.take(/tomorrow(?=\s|$)/) !== null) return { kind: "tomorrow", at: takeTime(words) };
  const at = takeTime(words);
  if (at === null) throw new Invalid(HOW);
  return { kind: "time", at };
}

function takeTime(words: Words): string | null {
  const match = words.take(TIME);
  return match === null ? null : `${(match[1] ?? "").padStart(2, "0")}:${match[2] ?? "00"}`;
}

function dateOf(text: string): string {
  const date = new Date(`${text}T00:00Z`);
  if (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)) return text;
  throw new Invalid(`\`${text}\` is no date.`, { hint: "Write it like `2026-12-24`." });
}
