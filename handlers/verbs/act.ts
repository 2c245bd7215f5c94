import type { App } from "../../src/app.ts";
import * as board from "../../src/board.ts";
import { itemFor } from "../../src/board/fitting.ts";
import type { Caller } from "../../src/caller.ts";
import type { ActionRequest } from "../../src/command/request.ts";
import { Invalid } from "../../src/errors.ts";
import * as operations from "../../src/operations.ts";
import { answerMessage } from "../../src/slack/answer-message.ts";
import type { Message } from "../../src/slack/blocks.ts";
import type { Verbs } from "./verb.ts";

/** Asking for actions. */

export const ACT = {
  scale: act,
  rollback: act,
  restart: act,
  "renew-cert": act,
  pause: act,
  resume: act,
  backup: act,
  maintenance: act,
  reboot: act,
  patch: act,
  end: act,
  run: act,
  plan: (app, caller, { action }) => ask(app, caller, action, true),
} satisfies Partial<Verbs>;

function act(app: App, caller: Caller, request: ActionRequest): Promise<Message> {
  return ask(app, caller, request, false);
}

async function ask(app: App, caller: Caller, request: ActionRequest, preview: boolean): Promise<Message> {
  const service = request.on?.service ?? (request.item === null ? null : (await board.item(app, request.item)).service);
  if (service === null) throw new Invalid("Which service?", { hint: `Name it: \`/day2 ${request.verb} <service>\`.` });
  const target = request.on?.target ?? null;
  const asked = await operations.request(app, caller, {
    action: request.verb,
    service,
    ...(target === null ? {} : { target: `${service}/${target}` }),
    arguments: request.arguments,
    item: request.item ?? (await itemFor(app, service, request.verb)),
    preview,
    ...(request.despite === undefined ? {} : { despite: request.despite }),
  });
  if (preview)
    return answerMessage(
      `The plan comes to you as a direct message (op-${asked.id}). Nothing is asked for and nothing changes.`,
    );
  return answerMessage(`op-${asked.id} is asked for. Its plan is being drawn; the card shows what happens next.`);
}
