import type { Button, ConfirmationDialog } from "@slack/types";
import type { Unclear } from "../domain/board/operation-card.ts";
import type { Operation } from "../domain/operation.ts";
import { button, words } from "./blocks.ts";
import { ACTION_IDS, writeApproval } from "./ids.ts";
import { RISK_WORDS } from "./operation-words.ts";
import { literal } from "./text.ts";

/** The buttons of an operation, and what each asks before it does anything. */

export function aloneButton({ id, planHash }: Operation): Button {
  return button("Go alone…", ACTION_IDS.goAlone, writeApproval(id, planHash), "danger");
}

export function cancelButton({ id }: Operation): Button {
  return button("Cancel", ACTION_IDS.cancel, `${id}`);
}

/** While nobody knows whether it happened: what a person can say, from the safest on. */
export function judgementButtons({ id, plan: drawn }: Operation, { target }: Unclear): readonly Button[] {
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
          ? "You have seen it yourself. The operation stops here, and its steps are taken back where that was planned."
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
