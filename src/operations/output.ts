import type { App } from "../app.ts";
import { changeUnasked } from "../caller.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import { boundedOutput, isMore, type Printed } from "../domain/program-output.ts";
import { log } from "./shared.ts";
import { uploadOnce } from "../delivery/files.ts";
import type { Message } from "../slack/blocks.ts";
import { outputMessage } from "../slack/output-message.ts";
import { hasEvent } from "../store/events.ts";
import { naming } from "./stepping.ts";
import { lockOperation } from "../store/operations.ts";
import { place, rootOf, wantAt } from "../store/postings.ts";
import type { Step } from "../store/steps.ts";

/**
 * What a step printed beyond what its operation's card shows: kept once, when it has ended, and put as a file into the
 * thread where the card is.
 */
export async function keepOutput(app: App, step: Step, printed: Printed): Promise<void> {
  if (!isMore(printed)) return;
  const { operation: id, seq } = step;
  await changeUnasked(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation === null || (await hasEvent(change.db, id, KIND, { seq }))) return;
    const event = await log(change, operation, KIND, { ...boundedOutput(printed), ...naming(operation, step), seq });
    const ofItem = operation.item === null ? null : await rootOf(change.db, "item", operation.item);
    const root = ofItem ?? (await rootOf(change.db, "operation", id));
    if (root !== null) await wantAt(change.db, "event", event, place.thread(root.id), change.now);
  });
}

const KIND = "operation.output";

/** The message with the file; where there is none, with the last lines. */
export async function output(app: App, line: EventLine): Promise<Message> {
  const { text, lines, cut, step, back } = line.detail;
  const printed = { text: String(text), lines: Number(lines), cut: Number(cut) };
  const part = step === undefined ? "" : `, ${back === true ? "taking back " : ""}step ${Number(step)}`;
  const what = `op-${line.operation ?? 0}${part}`;
  const name = `${what.replaceAll(/,? /g, "-")}.txt`;
  const file = await uploadOnce(app, line.id, () => app.slack.uploadUnseen({ name, bytes: Buffer.from(printed.text) }));
  return outputMessage(what, printed, file === null ? null : { id: file, title: name });
}
