import type { ModalView } from "@slack/types";
import type { Item } from "../domain/item.ts";
import { wordsToType } from "../domain/approving.ts";
import type { Operation } from "../domain/operation.ts";
import { context, section } from "./blocks.ts";
import { type FormState, type Submission, modal, submission, textField, typed } from "./form.ts";
import { CALLBACK_IDS } from "./ids.ts";
import { itemModal } from "./item-modal.ts";
import { operationName } from "./operation-words.ts";
import { literal } from "./text.ts";

/** The modals that ask for one text: resolving without a passing check, a note, approving what asks for its name, denying, and going alone. */

const FIELD = "text";

export function resolveModal(item: Item): ModalView {
  return itemModal(CALLBACK_IDS.resolve, item, { title: `Resolve #${item.id}`, submit: "Resolve" }, [
    textField({ id: FIELD, label: "Why is it done?", hint: "Kept with the item, with your name.", multiline: true }),
    context("When its check passes again it resolves by itself. This closes it without a look."),
  ]);
}

export function noiseModal(item: Item): ModalView {
  return itemModal(CALLBACK_IDS.noise, item, { title: `#${item.id} is noise`, submit: "Noise" }, [
    textField({
      id: FIELD,
      label: "Why is it noise?",
      hint: "Counted, so that whoever sets the limit can improve it.",
      multiline: true,
    }),
    context("This closes it. `/day2 noise` shows what is called noise most often."),
  ]);
}

export function noteModal(item: Item): ModalView {
  return itemModal(CALLBACK_IDS.note, item, { title: `Note on #${item.id}`, submit: "Add" }, [
    textField({ id: FIELD, label: "Note", hint: "Shown in the thread of the item.", multiline: true }),
  ]);
}

/** `about` is what the button carried: the operation, and the plan that was on the card. */
export function approveModal(operation: Operation, about: string): ModalView {
  const undone = operation.plan?.risk === "destructive" ? " This cannot be undone." : "";
  return modal(CALLBACK_IDS.approve, `Approve op-${operation.id}`, "Approve", about, [
    section(`*${operationName(operation)}*`),
    textField({
      id: FIELD,
      label: `Type ${literal(wordsToType(operation), 90)} to approve`,
      hint: "So that nobody approves the wrong one by a slip.",
    }),
    context(`It runs as soon as it has the approvals that it needs.${undone}`),
  ]);
}

export function denyModal(operation: Operation): ModalView {
  return modal(CALLBACK_IDS.deny, `Deny op-${operation.id}`, "Deny", `${operation.id}`, [
    section(`*${operationName(operation)}*`),
    textField({ id: FIELD, label: "Why not?", hint: "Whoever asked will read it.", multiline: true }),
  ]);
}

/** `about` is what the button carried: the operation, and the plan that was on the card. */
export function goAloneModal(operation: Operation, about: string): ModalView {
  return modal(CALLBACK_IDS.goAlone, `Go alone with op-${operation.id}`, "Go alone", about, [
    section(`*${operationName(operation)}*`),
    textField({
      id: FIELD,
      label: "Why can it not wait?",
      hint: "Everybody who may approve it reads it.",
      multiline: true,
    }),
    context("It runs at once, without an approval. Somebody else reviews it on the next working day."),
  ]);
}

/** Reads any of them. */
export function readReason(state: FormState): Submission<string> {
  const text = typed(state, FIELD);
  return submission({ [FIELD]: text === null ? "Write a few words." : null }, () => text ?? "");
}
