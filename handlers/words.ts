import * as board from "../src/board.ts";
import { parse } from "../src/command/parse.ts";
import { readable } from "../src/command/words.ts";
import { authorise } from "../src/domain/permit.ts";
import { Invalid } from "../src/errors.ts";
import { groundOf } from "../src/people.ts";
import { newItemModal } from "../src/slack/new-item-modal.ts";
import type { Call } from "./boundary.ts";
import { isObject, objectIn, textOf, type JsonObject } from "../src/domain/json-object.ts";
import { answer } from "./verbs.ts";

/** What people say to us in words: the slash command, a mention, a message that becomes an item. */

export async function command({ app, caller, body, reply }: Call): Promise<void> {
  const request = parse(textOf(body["text"]) ?? "", { demo: app.demo !== null });
  await reply(await answer(app, caller, request));
}

/** Who is mentioned first, where the server does not say who we are. */
const FIRST_NAMED = /^\s*<@[^>]+>/g;

/** Slack runs no slash command in a thread: there a mention means the thread's item. */
export async function mention({ app, caller, body, origin, reply }: Call): Promise<void> {
  const event = objectIn(body, "event");
  // Slack tells of a mention again, under another id, whenever its message is edited: what it asked for was done already.
  if (event["edited"] !== undefined)
    throw new Invalid("I read a message only as it was first sent; editing it asks for nothing.", {
      hint: "Send a new one.",
    });
  const { botUser } = app.workspace;
  const us = botUser === null ? FIRST_NAMED : `<@${botUser}>`;
  const said = (textOf(event["text"]) ?? "").replaceAll(us, " ");
  const item =
    origin.channel === null || origin.thread === null
      ? null
      : await board.itemOfThread(app, origin.channel, origin.thread);
  const request = parse(said, { demo: app.demo !== null, ...(item === null ? {} : { item }) });
  await reply(await answer(app, caller, request));
}

export async function messageToItem({ app, caller, body, origin, openModal }: Call): Promise<void> {
  authorise("note", caller.actor, groundOf(app.inForce(), {}));
  const message = objectIn(body, "message");
  const services = Object.values(app.inForce().catalog.services);
  const link = linkTo(app.workspace.url, origin, textOf(message["ts"]));
  await openModal(newItemModal(readable(saidIn(message)), link, services));
}

/** What a message says. Other tools often say it in an attachment, with no text of the message's own. */
function saidIn(message: JsonObject): string {
  const attachments: unknown[] = Array.isArray(message["attachments"]) ? message["attachments"] : [];
  const said = [message, ...attachments.filter(isObject)].map(
    ({ title, text, fallback }) => textOf(title) ?? textOf(text) ?? textOf(fallback),
  );
  return said.find((each) => each !== null) ?? "";
}

export function otherShortcut(): never {
  throw new Invalid("I do not know that shortcut.", { hint: "`/day2 help` shows what I understand." });
}

/** Where a message is, as Slack links it; empty where that cannot be known. */
function linkTo(workspace: string | null, { channel, thread }: Call["origin"], ts: string | null): string {
  if (workspace === null || channel === null || ts === null) return "";
  const within = thread === null ? "" : `?thread_ts=${thread}&cid=${channel}`;
  return `${workspace}archives/${channel}/p${ts.replace(".", "")}${within}`;
}
