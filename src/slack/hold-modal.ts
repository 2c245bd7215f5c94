import type { ModalView } from "@slack/types";
import type { Item } from "../domain/item.ts";
import { LONGER } from "../domain/lease.ts";
import { formatDuration } from "../domain/measures.ts";
import { context } from "./blocks.ts";
import {
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

/** Acknowledges an item for as long as somebody says, from now on. */

const LENGTH = "length";
const DURATION = "duration";

export function holdModal(item: Item): ModalView {
  return itemModal(CALLBACK_IDS.hold, item, { title: `Hold #${item.id}`, submit: "Hold" }, [
    radioField(
      LENGTH,
      "For how long from now?",
      LONGER.map((ms) => ({ label: formatDuration(ms), value: `${ms}` })),
    ),
    textField({ id: DURATION, label: "Or another time", hint: "Like 90m, 6h or 3d; at most 7 days.", optional: true }),
    context("Before it ends you are asked whether you are still on it; then it asks everybody again."),
  ]);
}

/** ms from now; a duration that was typed wins over the choice. */
export function readHold(state: FormState): Submission<number> {
  const text = typed(state, DURATION);
  const ms = text === null ? Number(chosen(state, LENGTH) ?? Number.NaN) : durationOf(text);
  const wrong = typeof ms === "string" ? ms : null;
  const missing = Number.isNaN(ms) ? "Choose for how long." : null;
  return submission({ [text === null ? LENGTH : DURATION]: wrong ?? missing }, () => (typeof ms === "string" ? 0 : ms));
}
