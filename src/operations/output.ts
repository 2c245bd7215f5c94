import type { App } from "../app.ts";
import { changeUnasked } from "../caller.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import { boundedOutput, isMore, type Printed } from "../domain/printed.ts";
import { log, showProgress } from "./life.ts";
import { isLacking, SlackRefused, SlackSilent } from "../slack-client.ts";
import type { Message } from "../slack/blocks.ts";
import { outputMessage } from "../slack/output-message.ts";
import { hasEvent } from "../store/events.ts";
import { naming } from "./stepping.ts";
import { lockOperation } from "../store/operations.ts";
import { place, rootOf, wantAt } from "../store/postings.ts";
import { keepPicture, pictureOf } from "../store/readings.ts";
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

/** A card says how long its operation has run, which grows while nothing else happens. */
export async function redrawRunning(app: App, id: number): Promise<void> {
  await changeUnasked(app, async (change) => {
    const operation = await lockOperation(change.db, id);
    if (operation?.state === "running") await showProgress(change, operation);
  });
}

/** The message that brings the file, or where Slack takes none or gives no answer the last lines. */
export async function output(app: App, line: EventLine): Promise<Message> {
  const { text, lines, cut, step, back } = line.detail;
  const printed = { text: String(text), lines: Number(lines), cut: Number(cut) };
  const part = step === undefined ? "" : `, ${back === true ? "taking back " : ""}step ${Number(step)}`;
  const what = `op-${line.operation ?? 0}${part}`;
  const name = `${what.replaceAll(/,? /g, "-")}.txt`;
  const file = (await pictureOf(app.db, line.id)) ?? (await upload(app, line.id, name, printed.text));
  return outputMessage(what, printed, file === null ? null : { id: file, title: name });
}

/** Its id is kept before anybody sees it, so that whoever tries again brings the same file. */
async function upload(app: App, event: number, name: string, text: string): Promise<string | null> {
  try {
    const file = await app.slack.uploadUnseen({ name, bytes: Buffer.from(text) });
    await keepPicture(app.db, event, file);
    return file;
  } catch (error) {
    if (!(error instanceof SlackRefused || error instanceof SlackSilent)) throw error;
    if (!isLacking(error)) app.log.warn({ err: error }, "slack takes no file, the last lines are told alone");
    return null;
  }
}
