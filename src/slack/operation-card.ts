import type { Button, ConfirmationDialog, KnownBlock } from "@slack/types";
import type { Plan } from "../domain/action.ts";
import type { OperationCard, Unclear } from "../domain/board/operation-card.ts";
import type { Names } from "../domain/board/names.ts";
import { formatDuration } from "../domain/measures.ts";
import type { Operation, OperationState, Verdict } from "../domain/operation.ts";
import { keepsVisitorsOut } from "../domain/plan.ts";
import { type Message, actions, button, sections, words } from "./blocks.ts";
import { ACTION_IDS, writeApproval } from "./ids.ts";
import { RISK_WORDS, STATE_WORDS, changesOf, operationName } from "./operation-words.ts";
import { stepLines } from "./step-lines.ts";
import { capital, clock, count, joined, literal, mention, named, plain, timeOfDay, when } from "./text.ts";

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
  const risk = operation.plan === null ? "" : ` · ${RISK_WORDS[operation.plan.risk]}`;
  const headline = `${glyph} *${operationName(operation)}* · ${plain(card.serviceName, 60)} in ${plain(operation.environment, 40)}${risk}`;
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

function plan(card: OperationCard): readonly string[] {
  const drawn = card.operation.plan;
  if (drawn === null) return [];
  return [
    ...drawn.reasons.slice(0, 6).map((reason) => plain(reason)),
    ...changes(card),
    ...((drawn.uses ?? []).length === 0
      ? []
      : [`Takes: ${joined(drawn.uses?.map((each) => plain(each)) ?? [], "; ")}`]),
    ...(drawn.stays.length === 0
      ? []
      : [
          `Stays: ${joined(
            drawn.stays.map((fact) => plain(fact)),
            "; ",
          )}`,
        ]),
    ...lasting(drawn),
    ...despite(card.operation),
  ];
}

function lasting(drawn: Plan): readonly string[] {
  const { temporary } = drawn.arguments;
  if (temporary !== undefined) return [`Taken back by itself after ${formatDuration(temporary)}`];
  if (keepsVisitorsOut(drawn)) return ["Stays so until somebody turns it off; an item has that before your eyes"];
  return drawn.action === "pause" ? ["Stays so until somebody resumes it; an item has that before your eyes"] : [];
}

function despite({ despite: reason, plan: drawn }: Operation): readonly string[] {
  if (reason === null) return [];
  const through = drawn?.through;
  const what =
    through === undefined
      ? "policy's pause"
      : `“${plain(through.freeze, 80)}”, in which nothing is to change until ${when(new Date(through.until))}`;
  return [`Despite ${what}: ${plain(reason, 300)}`];
}

/** What a task changes nobody sees; its plan says what it runs. */
function changes(card: OperationCard): readonly string[] {
  const { operation } = card;
  if (operation.plan?.steps !== undefined) return stepLines(card);
  return operation.plan === null || operation.action === "run"
    ? []
    : [`Changes: ${changesOf(operation.plan) || "nothing that can be seen"}`];
}

function looksAgain({ operation }: OperationCard): readonly string[] {
  if (operation.plan?.steps !== undefined)
    return ["Looks again just before each step, and stops there if anything else moved"];
  return ["Looks again just before running, and stops if anything moved"];
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

/** Mentions the approvers, who must act, and nobody who has decided already. */
function needs({
  operation,
  decisions: made,
  approvers,
  asked: told,
  restAt,
  names,
}: OperationCard): readonly string[] {
  const missing = Math.max(1, operation.approvals - made.filter(({ verdict }) => verdict === "approved").length);
  const open = approvers.filter((person) => !made.some((decision) => decision.person === person));
  const until = operation.expiresAt === null ? "" : ` · valid until ${when(operation.expiresAt)}`;
  if (open.length === 0)
    return [
      `Needs ${count(missing, "approval")}, and nobody else may give it: an admin can name an approver in the catalog${until}`,
    ];
  const at = new Map(told.map((each) => [each.person, each.at]));
  const later = restAt === null ? [] : open.filter((person) => !at.has(person));
  const now = open.filter((person) => !later.includes(person));
  const of = now.length <= missing ? "" : `${missing === 1 ? "one" : missing} of `;
  const who = now.length === 0 ? count(missing, "approval") : `${of}${messaged(now, at, names)}`;
  return [`Needs ${who}${until}`, ...thenAsks(later, restAt, names)];
}

const NAMED = 10;

/** "@ana, @ben (messaged 02:11), Cleo": who was asked at one time stands together, and whoever has no account last. */
function messaged(people: readonly string[], at: ReadonlyMap<string, Date>, names: Names): string {
  const shown = people.toSorted((a, b) => timeOf(at.get(a)) - timeOf(at.get(b))).slice(0, NAMED);
  const groups = Map.groupBy(shown, (person) => timeOf(at.get(person)));
  const said = [...groups].map(([time, group]) => {
    const each = group.map((person) => mention(names, { person })).join(", ");
    return time === NEVER ? each : `${each} (messaged ${timeOfDay(new Date(time))})`;
  });
  return `${said.join(", ")}${more(people)}`;
}

const NEVER = Number.MAX_SAFE_INTEGER;

function timeOf(at: Date | undefined): number {
  return at?.getTime() ?? NEVER;
}

/** Named without a notification: it is not their turn yet. */
function thenAsks(later: readonly string[], restAt: Date | null, names: Names): readonly string[] {
  if (later.length === 0 || restAt === null) return [];
  const shown = later.slice(0, NAMED).map((person) => named(names, { person }));
  return [`Asks ${shown.join(", ")}${more(later)} too at ${timeOfDay(restAt)}`];
}

function more(people: readonly string[]): string {
  return people.length > NAMED ? ` and ${people.length - NAMED} more` : "";
}

function mayGoAlone({ alone, names }: OperationCard): readonly string[] {
  if (alone.length === 0) return [];
  const who = alone.slice(0, NAMED).map((person) => mention(names, { person }));
  return [`Nobody has answered: ${who.join(", ")}${more(alone)}, on call, may go alone with a reason`];
}

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

function aloneButton({ id, planHash }: Operation): Button {
  return button("Go alone…", ACTION_IDS.goAlone, writeApproval(id, planHash), "danger");
}

function cancelButton({ id }: Operation): Button {
  return button("Cancel", ACTION_IDS.cancel, `${id}`);
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

/** While nobody knows whether it happened: what a person can say, from the safest on. */
function judgementButtons({ id, plan: drawn }: Operation, { target }: Unclear): readonly Button[] {
  const isStep = drawn?.steps !== undefined;
  return [
    button("Look again", ACTION_IDS.lookAgain, `${id}`, "primary"),
    {
      ...button("It happened", ACTION_IDS.happened, `${id}`),
      confirm: asking(
        `Did op-${id} happen?`,
        isStep
          ? "You have seen it yourself. The step counts as done, and the next one is looked at."
          : "You have seen it yourself. Its checks look at once, and it counts as done.",
      ),
    },
    {
      ...button("It did not", ACTION_IDS.didNotHappen, `${id}`),
      confirm: asking(
        `Did op-${id} not happen?`,
        isStep
          ? "You have seen it yourself. It goes no further, and what is said to be taken back is."
          : "You have seen it yourself. The same is asked for anew, with a new plan and new approvals.",
      ),
    },
    {
      ...button("Stop here", ACTION_IDS.stopHere, `${id}`),
      confirm: asking(
        `Close op-${id}?`,
        `It stays unknown whether it happened. ${literal(target, 80)} is free for the next operation.`,
      ),
    },
  ];
}

function asking(title: string, text: string): ConfirmationDialog {
  return { title: words(title), text: words(text), confirm: words("Yes"), deny: words("Not now") };
}

/** The two buttons of an approver; also on the Home tab. */
export function approvalButtons(operation: Operation): readonly Button[] {
  const approve = button("Approve", ACTION_IDS.approve, writeApproval(operation.id, operation.planHash), "primary");
  // The form that asks for the target's name asks already.
  const asks = operation.plan?.typed === true ? {} : { confirm: approveDialog(operation) };
  return [{ ...approve, ...asks }, button("Deny…", ACTION_IDS.deny, `${operation.id}`)];
}

function approveDialog({ id, plan: drawn, environment, action, target }: Operation): ConfirmationDialog {
  const title = literal(drawn?.title ?? `${action} ${target}`, 120);
  const risk = drawn === null ? "" : `, ${RISK_WORDS[drawn.risk]}`;
  return {
    title: words(`Approve op-${id}?`),
    text: words(
      `${title} (${literal(environment, 40)}${risk}). It runs as soon as it has the approvals that it needs.`,
    ),
    confirm: words("Approve"),
    deny: words("Not now"),
    ...(drawn?.risk === "destructive" ? { style: "danger" as const } : {}),
  };
}
