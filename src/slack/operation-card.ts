import type { Button, KnownBlock } from "@slack/types";
import type { OperationCard, Unclear } from "../domain/board/operation-card.ts";
import { formatDuration } from "../domain/measures.ts";
import type { OperationState, Verdict } from "../domain/operation.ts";
import { needs, mayGoAlone } from "./approver-lines.ts";
import { type Message, actions, sections } from "./blocks.ts";
import { aloneButton, cancelButton, judgementButtons, approvalButtons } from "./operation-buttons.ts";
import { STATE_WORDS, operationName, riskWords } from "./operation-words.ts";
import { plan, changes, looksAgain } from "./plan-lines.ts";
import { capital, clock, named, plain, when } from "./text.ts";

/** The card of an operation: what would change, who decides until when, how it goes and how it ended. */

type Part = (card: OperationCard) => readonly string[];

/** What is said beneath the headline in each state, in this order. */
const PARTS: Readonly<Record<OperationState, readonly Part[]>> = {
  planning: [state, asked],
  awaiting_approval: [plan, looksAgain, asked, decisions, needs, mayGoAlone],
  queued: [plan, looksAgain, asked, decisions, state],
  running: [plan, asked, decisions, state, cancelling, progress],
  succeeded: [changes, asked, decisions, outcome, progress],
  failed: [changes, asked, decisions, outcome, progress],
  reverted: [changes, asked, decisions, outcome, progress],
  closed_unknown: [changes, asked, decisions, outcome, progress],
  refused: [plan, asked, decisions, outcome],
  denied: [plan, asked, decisions, outcome],
  expired: [plan, asked, decisions, outcome],
  cancelled: [plan, asked, decisions, outcome, progress],
};

const BUTTONS: Readonly<Record<OperationState, (card: OperationCard) => readonly Button[]>> = {
  planning: ({ operation }) => [cancelButton(operation)],
  awaiting_approval: ({ operation, alone }) => [
    ...approvalButtons(operation),
    ...(alone.length === 0 ? [] : [aloneButton(operation)]),
    cancelButton(operation),
  ],
  queued: ({ operation }) => [cancelButton(operation)],
  running: ({ operation }) => (operation.cancelRequestedAt === null ? [cancelButton(operation)] : []),
  succeeded: () => [],
  failed: () => [],
  reverted: () => [],
  closed_unknown: () => [],
  refused: () => [],
  denied: () => [],
  expired: () => [],
  cancelled: () => [],
};

const UNCLEAR = { glyph: "🙋", words: "a person has to look" };

export function operationCard(card: OperationCard): Message {
  const { operation } = card;
  const { glyph, words: stateWords } = card.needsPerson === null ? STATE_WORDS[operation.state] : UNCLEAR;
  const headline = `${glyph} *${operationName(operation)}* · ${plain(card.serviceName, 60)} in ${plain(operation.environment, 40)}${riskWords(operation)}`;
  const lines = PARTS[operation.state].flatMap((part) => part(card));
  const stuck = card.needsPerson === null ? [] : unclear(card.needsPerson);
  const buttons =
    card.needsPerson === null ? BUTTONS[operation.state](card) : judgementButtons(operation, card.needsPerson);
  const blocks: KnownBlock[] = [
    ...sections([headline, ...lines, ...stuck]),
    ...(buttons.length === 0 ? [] : [actions(buttons)]),
  ];
  return { text: `${glyph} ${operationName(operation)} · ${stateWords}`, blocks };
}

function asked({ operation, names }: OperationCard): readonly string[] {
  const item = operation.item === null ? "" : ` for #${operation.item}`;
  const reversal = operation.reversalOf === null ? "" : `, takes back op-${operation.reversalOf}`;
  return [
    `Asked by ${named(names, { person: operation.requestedBy })} ${when(operation.requestedAt)}${item}${reversal}`,
  ];
}

function decisions({ decisions: made, names }: OperationCard): readonly string[] {
  return made.map(({ person, verdict, reason, at }) => {
    const why = reason === null ? "" : `: ${plain(reason, 300)}`;
    const { glyph, said } = VERDICT_WORDS[verdict];
    return `${glyph} ${named(names, { person })} ${said} ${when(at)}${why}`;
  });
}

const VERDICT_WORDS: Readonly<Record<Verdict, { readonly glyph: string; readonly said: string }>> = {
  approved: { glyph: "👍", said: "approved" },
  denied: { glyph: "🚫", said: "denied" },
  alone: { glyph: "⚠️", said: "went alone, without an approval," },
};

function state({ operation, now, needsPerson }: OperationCard): readonly string[] {
  const { startedAt } = operation;
  const said = capital(STATE_WORDS[operation.state].words);
  if (startedAt === null) return [said];
  const since = `${said} since ${when(startedAt)}`;
  const ran = formatDuration(now.getTime() - startedAt.getTime());
  return [needsPerson === null ? `${since}, ${ran} so far` : since];
}

function cancelling({ operation }: OperationCard): readonly string[] {
  return operation.cancelRequestedAt === null
    ? []
    : [`✋ Cancel asked ${when(operation.cancelRequestedAt)}; stops as soon as it safely can`];
}

function progress({ progress: made }: OperationCard): readonly string[] {
  return made.map(({ at, text }) => `${clock(at)} · ${plain(text)}`);
}

function outcome({ operation }: OperationCard): readonly string[] {
  const { state: ended, startedAt, finishedAt, outcome: how } = operation;
  const said = STATE_WORDS[ended].words;
  const took =
    startedAt === null || finishedAt === null
      ? ""
      : ` after ${formatDuration(finishedAt.getTime() - startedAt.getTime())}`;
  const at = finishedAt === null ? "" : ` · ${when(finishedAt)}`;
  // "cancelled by Ana" says already that it was cancelled.
  if (how !== null && how.startsWith(said)) return [`*${capital(plain(how, 500))}*${took}${at}`];
  return [`*${capital(said)}*${took}${how === null ? "" : `: ${plain(how, 500)}`}${at}`];
}

/** What was sent, what was seen, and that nothing goes on by itself. */
function unclear({ target, sentAt, seen, lookingSince }: Unclear): readonly string[] {
  const sent = sentAt === null ? "Sent" : `Sent ${when(sentAt)}`;
  const looking = lookingSince === null ? [] : [`Looking again since ${when(lookingSince)}`];
  return [
    `*A person has to look:* ${plain(seen, 500)}`,
    `${sent}, and nobody knows whether it happened. Nothing is sent again, and ${plain(target, 80)} waits for you.`,
    ...looking,
  ];
}
