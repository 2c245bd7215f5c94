import type { SaidMoment } from "../domain/said-time.ts";
import { Invalid } from "../errors.ts";
import { takeMoment } from "./moments.ts";
import * as pieces from "./pieces.ts";
import type { Asked } from "./request.ts";
import type { Words } from "./words.ts";

/** What follows the verbs about being on call. */

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
    /^(?:until|till?|for)(?:\s|$)/.test(words.rest) || words.rest === "" ? null : pieces.takeService(words);
  return { verb: "cover", whom, rotation, until: takeUntil(words) };
}

/** "until mon 09:00", "for 3d", "end"; a lead with whom it is about somebody else. */
export function readAway(words: Words): Asked<"away"> {
  const whom =
    /^(?:until|till?|for|end)(?:\s|[.,!]|$)/.test(words.rest) || words.rest === "" ? null : pieces.takeParty(words);
  if (pieces.takeOneOf(words, ["end"]) !== undefined) return { verb: "away", whom, until: null };
  return { verb: "away", whom, until: takeUntil(words) };
}

const HOW = "Until when? Write it like `until mon 09:00`, `until 2026-12-24 18:00`, `until 18:00` or `for 8h`.";

/** "for 8h", "until mon", "until tomorrow 9:00", "until 2026-12-24 18:00", "until 18:00". */
function takeUntil(words: Words): SaidMoment {
  if (words.take(/for(?=\s|$)/) !== null) return { on: "in", ms: pieces.takeDuration(words) };
  if (words.take(/(?:until|till?)(?=\s|$)/) === null) throw new Invalid(HOW);
  return takeMoment(words, HOW);
}
