import { backOff } from "./back-off.ts";
import { addSeconds, max } from "./time.ts";

/**
 * A posting is one Slack message kept equal to its row. `wanted` counts what changed in that row, `shown` is the count that
 * Slack shows: while it is less, the posting is behind, and a call is made for it when its turn comes. Beside that
 *
 * | it is     | by its columns                  | which means                                                                |
 * | --------- | ------------------------------- | -------------------------------------------------------------------------- |
 * | new       | no `message_ts`                 | the next call posts                                                        |
 * | there     | `message_ts`                    | the next call changes that message                                         |
 * | in doubt  | no `message_ts`, `unsure_since` | a post that began then may be there: it is looked for, else posted again   |
 * | under way | `claimed_until`                 | a call is being made; if nobody notes how it ended, a new one is in doubt  |
 * | put off   | `not_before`                    | it waits until then, where `attempts` failed because of the last `problem` |
 * | left      | a `problem` although not behind | only the next change of its row is tried again                             |
 *
 * What holds back many of them is not theirs: the pace of their lane, a channel that takes nothing, a token that is refused.
 */
export type Progress = {
  readonly shown: number;
  readonly messageTs: string | null;
  readonly unsureSince: Date | null;
  readonly attempts: number;
  readonly problem: string | null;
  readonly notBefore: Date | null;
};

/** Slack shows that version: it took the call, or the message was found. Without `messageTs` nobody knows where. */
export function shows(version: number, messageTs: string | null): Progress {
  return { shown: version, messageTs, unsureSince: null, attempts: 0, problem: null, notBefore: null };
}

/** Nothing was sent, and nothing is wrong with the message: a 429, its pace, its channel or our token holds it back. */
export function held(posting: Omit<Progress, "notBefore">, until: Date | null): Progress {
  const { shown, messageTs, unsureSince, attempts, problem } = posting;
  return { shown, messageTs, unsureSince, attempts, problem, notBefore: until };
}

/** A posting for which a call was made. */
export type Called = Omit<Progress, "notBefore"> & {
  readonly wanted: number;
  /** Null: the call asked where to post. */
  readonly channel: string | null;
  /** When the call began. */
  readonly claimedAt: Date;
};

export type Failure =
  /** There is nothing to show any more. */
  | "empty"
  /** The message, or its thread, is gone. */
  | "vanished"
  /** Whoever it is for is not there, or Slack will never take it like this. */
  | "hopeless"
  /** The server has no such method; it may have one after its next release. */
  | "lacking"
  /** Slack said no for another reason. */
  | "refused"
  /** It could not be made. */
  | "unmade"
  /** No answer, and nobody may look whether the message is there. */
  | "unanswered"
  /** No answer, and what is there can be looked for. */
  | "findable";

/** So often what is gone is posted anew at once. Where it stays gone, the server does not find what it just took. */
export const ANEW = 2;
const OUTAGE = 8; // calls, over a quarter of an hour
const FINDABLE = 5; // seconds after which a message that is there can be found
const REPEATED = 30; // seconds after which one that may be there is posted again; a stray copy goes at its first click

/** How it is tried again, where nothing else is known of the failure. */
type Again = Progress & { readonly notBefore: Date };

const MAKES: Readonly<Record<Failure, (posting: Called, again: Again, now: Date) => Progress>> = {
  empty: leave,
  vanished: ({ attempts }, again, now) => ({
    ...again,
    messageTs: null,
    notBefore: attempts < ANEW ? addSeconds(now, 1) : again.notBefore,
  }),
  hopeless: (posting, again) => (posting.attempts < 2 ? again : leave(posting, again)),
  // Where it was never posted somebody may still wait for it.
  lacking: (posting, again) =>
    posting.messageTs === null || posting.attempts < OUTAGE ? again : leave(posting, again),
  refused: (_, again) => again,
  unmade: (_, again) => again,
  unanswered: (posting, again, now) => doubt(posting, again, addSeconds(now, REPEATED)),
  findable: (posting, again, now) => doubt(posting, again, addSeconds(now, FINDABLE)),
};

/** What a call that failed makes of a posting. */
export function failed(posting: Called, failure: Failure, problem: string, now: Date): Progress {
  const notBefore = addSeconds(now, backOff(posting.attempts));
  const again = { ...held(posting, notBefore), attempts: posting.attempts + 1, problem, notBefore };
  return MAKES[failure](posting, again, now);
}

function leave({ wanted, attempts }: Called, again: Again): Progress {
  return { ...again, shown: wanted, attempts, notBefore: null };
}

/** A change may be repeated as it is. A post may be there. */
function doubt({ messageTs, channel, claimedAt }: Called, again: Again, earliest: Date): Progress {
  if (messageTs !== null || channel === null) return again;
  return { ...again, unsureSince: again.unsureSince ?? claimedAt, notBefore: max([earliest, again.notBefore]) };
}

/** What Slack's word for no says of the message; `shut`: of its channel, which takes no messages from us. */
export type Meaning = Failure | "shut";

const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ["message_not_found", "vanished"],
  ["cant_update_message", "vanished"],
  ["thread_not_found", "vanished"],
  ["edit_window_closed", "vanished"],
  ["is_archived", "shut"],
  ["channel_not_found", "shut"],
  ["not_in_channel", "shut"],
  ["no_permission", "shut"],
  ["restricted_action", "shut"],
  ["restricted_action_read_only_channel", "shut"],
  ["restricted_action_thread_only_channel", "shut"],
  ["restricted_action_non_threadable_channel", "hopeless"],
  ["restricted_action_thread_locked", "hopeless"],
  ["messages_tab_disabled", "hopeless"],
  ["cannot_dm_bot", "hopeless"],
  ["user_disabled", "hopeless"],
  ["user_not_found", "hopeless"],
  ["user_not_visible", "hopeless"],
  ["msg_too_long", "hopeless"],
  ["no_text", "hopeless"],
  ["unknown_method", "lacking"],
]);

export function meaningOf(word: string): Meaning {
  return MEANINGS.get(word) ?? "refused";
}
