import type { KnownBlock, ModalView } from "@slack/types";
import { TZDate } from "@date-fns/tz/date";
import { momentAhead, takeMoment } from "../command/moments.ts";
import { durationAhead, takeNothing } from "../command/pieces.ts";
import { wordsOf } from "../command/words.ts";
import { momentSaid } from "../domain/said-time.ts";
import { addDays, addHours, nextMonday, set } from "../domain/time.ts";
import type { Item } from "../domain/item.ts";
import { Invalid } from "../errors.ts";
import { context } from "./blocks.ts";
import {
  type Choice,
  type FormState,
  type Submission,
  chosen,
  durationOf,
  radioField,
  submission,
  textField,
  typed,
} from "./form.ts";
import { CALLBACK_IDS } from "./ids.ts";
import { itemModal } from "./item-modal.ts";

/** Puts an item aside, or silences the source of its alerts, until a moment that the person chooses. */

const UNTIL = "until";
const DURATION = "duration";
const REASON = "reason";
const OTHER = "other";

/** `zone` is the person's own: tomorrow at nine is theirs. The choices carry the instants that they name. */
export function snoozeModal(item: Item, now: Date, zone: string): ModalView {
  const words = { title: `Snooze #${item.id}`, submit: "Snooze" };
  return itemModal(CALLBACK_IDS.snooze, item, words, fields(now, zone, "Why can it wait?"));
}

export function silenceModal(item: Item, now: Date, zone: string): ModalView {
  const words = { title: `Silence #${item.id}`, submit: "Silence" };
  return itemModal(CALLBACK_IDS.silence, item, words, [
    ...fields(now, zone, "Why silence it?"),
    context(
      "The source then sends these alerts to nobody, here or elsewhere. The item still asks until somebody has seen it.",
    ),
  ]);
}

function fields(now: Date, zone: string, why: string): KnownBlock[] {
  return [
    radioField(UNTIL, "Until when?", choices(now, zone)),
    textField({
      id: DURATION,
      label: "For how long, if it is another time",
      hint: "Like 90m, 6h or 3d, or a time such as mon 9:00; at most 30 days.",
      optional: true,
    }),
    textField({ id: REASON, label: why }),
  ];
}

/** Reads either. What was typed wins over the choice: a duration, or a time by the clocks of `zone`. */
export function readSnooze(
  state: FormState,
  now: Date,
  zone: string,
): Submission<{ readonly until: Date; readonly reason: string }> {
  const duration = typed(state, DURATION);
  const until = duration === null ? chosenUntil(chosen(state, UNTIL), now) : untilTyped(duration, now, zone);
  const reason = typed(state, REASON);
  const problems = {
    [duration === null ? UNTIL : DURATION]: typeof until === "string" ? until : null,
    [REASON]: reason === null ? "Say why." : null,
  };
  return submission(problems, () => ({ until: typeof until === "string" ? now : until, reason: reason ?? "" }));
}

function choices(now: Date, zone: string): Choice[] {
  const nine = { hours: 9, minutes: 0, seconds: 0, milliseconds: 0 };
  const local = new TZDate(now, zone);
  const named: readonly (readonly [string, Date])[] = [
    ["1 hour", addHours(now, 1)],
    ["4 hours", addHours(now, 4)],
    ["Tomorrow at 9:00", set(addDays(local, 1), nine)],
    ["Next Monday at 9:00", set(nextMonday(local), nine)],
  ];
  return [
    ...named.map(([label, until]) => ({ label, value: new Date(until.getTime()).toISOString() })),
    { label: "Another time (below)", value: OTHER },
  ];
}

/** The moment, or what is wrong with it. */
function chosenUntil(value: string | null, now: Date): Date | string {
  if (value === OTHER) return "Write below for how long.";
  const until = new Date(value ?? "");
  if (Number.isNaN(until.getTime())) return "Choose until when.";
  return until.getTime() > now.getTime() ? until : "That time has passed. Choose a later one.";
}

function untilTyped(text: string, now: Date, zone: string): Date | string {
  const words = wordsOf(text);
  words.take(/(?:until|till?)(?=\s)/);
  if (durationAhead(words) || !momentAhead(words)) return untilAfter(text, now);
  try {
    const moment = takeMoment(words, "Until when?");
    takeNothing(words);
    const until = momentSaid(moment, now, zone);
    return until > addDays(now, 30) ? "At most 30 days ahead, please." : until;
  } catch (error) {
    if (error instanceof Invalid) return `${error.message} ${error.hint ?? ""}`.trimEnd().replaceAll("`", "");
    throw error;
  }
}

function untilAfter(duration: string, now: Date): Date | string {
  const ms = durationOf(duration);
  return typeof ms === "string" ? ms : new Date(now.getTime() + ms);
}
