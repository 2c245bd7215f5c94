import type { ModalView } from "@slack/types";
import type { Item } from "../domain/item.ts";
import { context } from "./blocks.ts";
import { type FormState, type Submission, durationOf, submission, textField, typed } from "./form.ts";
import { CALLBACK_IDS } from "./ids.ts";
import { itemModal } from "./item-modal.ts";

/** The two modals of a temporary change: it stays longer, or for good. */

const DURATION = "duration";

export function extendModal(item: Item): ModalView {
  return itemModal(CALLBACK_IDS.extend, item, { title: `Extend #${item.id}`, submit: "Extend" }, [
    textField({
      id: DURATION,
      label: "For how long from now?",
      hint: "Like 30m, 2h or 1d; at most 7 days.",
      initial: "1h",
    }),
  ]);
}

export function keepModal(item: Item): ModalView {
  return itemModal(CALLBACK_IDS.keep, item, { title: `Keep #${item.id}`, submit: "Keep it" }, [
    textField({ id: "text", label: "Why does it stay?", hint: "Kept with the item, with your name.", multiline: true }),
    context("Nothing takes it back any more. To change it later, ask for the size or release you want."),
  ]);
}

/** ms from now. */
export function readExtend(state: FormState): Submission<number> {
  const text = typed(state, DURATION);
  const ms = text === null ? "Write for how long." : durationOf(text);
  return submission({ [DURATION]: typeof ms === "string" ? ms : null }, () => (typeof ms === "string" ? 0 : ms));
}
