import type { ModalView } from "@slack/types";
import { type FormState, type Submission, chosen, modal, selectField, submission, textField, typed } from "./form.ts";
import { CALLBACK_IDS } from "./ids.ts";
import { literal } from "./text.ts";

/** Turns a message into an item: what somebody wrote becomes something that somebody sees to. */

const SUMMARY = "summary";
const SERVICE = "service";
/** Not a service key: those have no spaces. */
const NONE = "(no service)";

export type NewItem = { readonly service: string | null; readonly summary: string };

/** `link` is where the message is; it travels with the modal. */
export function newItemModal(
  message: string,
  link: string,
  services: readonly { readonly key: string; readonly name: string }[],
): ModalView {
  const choices = services.slice(0, 99).map(({ key, name }) => ({ label: literal(name, 75), value: key }));
  return modal(CALLBACK_IDS.newItem, "New item", "Open it", link.slice(0, 3_000), [
    textField({ id: SUMMARY, label: "What has to be seen to?", initial: literal(message, 200) }),
    selectField(SERVICE, "Which service?", [{ label: "None of them", value: NONE }, ...choices]),
  ]);
}

export function readNewItem(state: FormState): Submission<NewItem> {
  const summary = typed(state, SUMMARY);
  const service = chosen(state, SERVICE);
  return submission({ [SUMMARY]: summary === null ? "Write in one line what it is about." : null }, () => ({
    summary: summary ?? "",
    service: service === NONE ? null : service,
  }));
}
