import type { ModalView } from "@slack/types";
import type { Item } from "../domain/item.ts";
import { type FormState, type Submission, chosenPerson, personField, submission, textField, typed } from "./form.ts";
import { CALLBACK_IDS } from "./ids.ts";
import { itemModal } from "./item-modal.ts";

/** Gives an item to somebody else, never without a note. */

const PERSON = "person";
const NOTE = "note";

export function handOffModal(item: Item): ModalView {
  return itemModal(CALLBACK_IDS.handOff, item, { title: `Hand off #${item.id}`, submit: "Hand off" }, [
    personField(PERSON, "To whom?"),
    textField({
      id: NOTE,
      label: "What do they need to know?",
      hint: "What you found, what you tried, what comes next.",
      multiline: true,
    }),
  ]);
}

/** `account` is a Slack user id. */
export function readHandOff(state: FormState): Submission<{ readonly account: string; readonly note: string }> {
  const account = chosenPerson(state, PERSON);
  const note = typed(state, NOTE);
  return submission(
    {
      [PERSON]: account === null ? "Choose who takes it." : null,
      [NOTE]: note === null ? "Write what they need to know." : null,
    },
    () => ({ account: account ?? "", note: note ?? "" }),
  );
}
