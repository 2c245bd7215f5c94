import type { EventLine } from "../../domain/board/event-line.ts";
import type { Names } from "../../domain/board/names.ts";
import { capital, named, plain } from "../text.ts";
import { because, OURSELVES, type EventParts, type Sentences } from "./detail.ts";
import { ITEM_SENTENCES } from "./item-events.ts";
import { ON_CALL_SENTENCES } from "./on-call-events.ts";
import { OPERATION_SENTENCES } from "./operation-events.ts";
import { OTHER_SENTENCES } from "./other-events.ts";

/** What happened, as a sentence: the lines of an item's thread and of the audit. */

export const SENTENCES: Sentences = {
  ...ITEM_SENTENCES,
  ...ON_CALL_SENTENCES,
  ...OPERATION_SENTENCES,
  ...OTHER_SENTENCES,
};

/** Where a sentence stands: in its item's thread, in a list of all kinds, or beneath the name of what it is about. */
export type SentencePlace = "thread" | "list" | "beneath";

/** One event as a sentence. In a thread the item needs no name. */
export function eventSentence(line: EventLine, names: Names, place: SentencePlace): string {
  const tell = SENTENCES[line.kind] ?? fallback(line.kind);
  const said = tell({ who: whoDid(line, names), what: subject(line, place), names, detail: line.detail });
  return capital(said);
}

function subject({ item, operation }: EventLine, place: SentencePlace): string {
  if (place === "beneath") return "it";
  if (operation !== null) return `op-${operation}`;
  if (item !== null && place === "list") return `#${item}`;
  return "it";
}

/** Without a notification wherever a name is known: who just acted need not be told. */
function whoDid({ person, account }: EventLine, names: Names): string {
  const key = person ?? account;
  return key === null ? OURSELVES : named(names, { person: key });
}

/** An event that this release has no sentence for still says its kind and its reason. */
function fallback(kind: string): (told: EventParts) => string {
  return ({ who, what, detail }) => {
    const about = what === "it" ? "" : ` ${what}`;
    return `${who}${about}, ${plain(kind.replaceAll(/[._-]+/g, " "), 60)}${because(detail["reason"] ?? detail["summary"])}`;
  };
}
