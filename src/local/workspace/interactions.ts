/** What happens when a person presses, chooses, submits, closes, or uses a shortcut. */

import type { Actor } from "./delivery.ts";
import type { Outcome } from "./attempt.ts";
import { actionOf, findElement, initialValues, missingInputs, valueOf } from "./elements.ts";
import type { Values } from "./elements.ts";
import { fieldsOf, isFields, listOf, textOf } from "../json.ts";
import type { Fields } from "../json.ts";
import { findEphemeral, findMessage } from "./messages.ts";
import {
  actionsPayload,
  closedPayload,
  messageActionPayload,
  shortcutPayload,
  submissionPayload,
  suggestionPayload,
} from "./payloads.ts";
import type { Place } from "./payloads.ts";
import { Refusal } from "./refusal.ts";
import { issueResponseUrl } from "./response-urls.ts";
import { closeModals, enterState, pushModal, stackOf, updateModal, viewGiven } from "./views.ts";
import type { Channel, View, World } from "./world.ts";

export interface Done {
  ok: boolean;
  error?: string;
  /** block_id → sentence, shown under the field. */
  errors?: Record<string, string>;
}

/** Also of what the page asks for. */
export const NOT_THERE = "That is no longer there. Look again at what it says now.";
const TROUBLE = "We had some trouble connecting. Try again?";

/** Presses or chooses; `given` is `{ action, state? }` with where it was. */
export async function act(actor: Actor, place: Place, given: Fields): Promise<Done> {
  const { world, delivery } = actor;
  const done = fieldsOf(given["action"]);
  const blockId = textOf(done["block_id"]);
  const blocks = blocksOf(place);
  const element = findElement(blocks, blockId, textOf(done["action_id"]));
  const action = element === null ? null : actionOf(element, blockId, done);
  if (action === null) return refuse(actor, NOT_THERE);
  const values = entered(blocks, given["state"]);
  const where = place.kind === "view" ? { ...place, view: withState(world, place.view, values) } : place;
  const responseUrl = place.kind === "view" ? undefined : issueResponseUrl(actor, place.channel.id, place.message.ts);
  const payload = actionsPayload(actor, where, action, values, responseUrl);
  return told(actor, await delivery.send("interactive", payload));
}

export async function submit(actor: Actor, viewId: string, state: unknown): Promise<Done> {
  const { world, delivery, userId } = actor;
  const view = stackOf(world, userId).find((one) => one.id === viewId);
  if (view === undefined) return refuse(actor, "This window was closed in the meantime.");
  const values = entered(view.blocks, state);
  const errors = missingInputs(view.blocks, values);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const current = withState(world, view, values);
  const outcome = await delivery.send("interactive", submissionPayload(actor, current));
  if (!outcome.acked) return refuse(actor, TROUBLE);
  try {
    return applyResponse(actor, current, fieldsOf(outcome.body));
  } catch (error) {
    if (error instanceof Refusal) return refuse(actor, TROUBLE);
    throw error;
  }
}

/** Takes the top modal off; what is no longer there has been closed already. */
export async function close(actor: Actor, viewId: string): Promise<Done> {
  const view = stackOf(actor.world, actor.userId).find((one) => one.id === viewId);
  if (view === undefined) return { ok: true };
  await closeAndTell(actor, view.clear_on_close);
  return { ok: true };
}

export async function useShortcut(
  actor: Actor,
  callbackId: string,
  at: { channel: Channel; ts: string } | null,
): Promise<Done> {
  const { world, delivery } = actor;
  const shortcut = world.options.manifest.features?.shortcuts?.find((one) => one.callback_id === callbackId);
  if (shortcut === undefined) return { ok: false, error: "There is no such shortcut." };
  if (shortcut.type === "global") {
    return told(actor, await delivery.send("interactive", shortcutPayload(actor, callbackId)));
  }
  const message = at === null ? undefined : findMessage(world, at.channel.id, at.ts);
  if (at === null || message === undefined) return refuse(actor, NOT_THERE);
  const responseUrl = issueResponseUrl(actor, at.channel.id, message.ts);
  const place = { channel: at.channel, message };
  const payload = messageActionPayload(actor, callbackId, place, responseUrl);
  return told(actor, await delivery.send("interactive", payload));
}

/** Options for an external select: `{ options }` or `{ option_groups }`, at most a hundred. */
export async function suggest(actor: Actor, place: Place, given: Fields): Promise<Fields> {
  const blockId = textOf(given["block_id"]);
  const element = findElement(blocksOf(place), blockId, textOf(given["action_id"]));
  if (element === null) return { ok: false, error: NOT_THERE, options: [] };
  const about = { action_id: element["action_id"], block_id: blockId };
  const payload = suggestionPayload(actor, place, about, textOf(given["value"]));
  const outcome = await actor.delivery.send("interactive", payload);
  const body = outcome.acked ? fieldsOf(outcome.body) : {};
  const options = listOf(body["options"]);
  const groups = listOf(body["option_groups"]);
  if (!outcome.acked || options.length > 100 || groups.length > 100) return { ok: false, error: TROUBLE, options: [] };
  return { ok: true, options, ...(groups.length > 0 ? { option_groups: groups } : {}) };
}

/** Where a person acted, from what the page sent; null when it is not there for them. */
export function placeOf({ world, userId }: Actor, channel: Channel | null, given: Fields): Place | null {
  if (given["home"] === true) {
    const view = world.homes.get(userId);
    return view === undefined ? null : { kind: "view", view };
  }
  if (typeof given["view_id"] === "string") {
    const { view_id } = given;
    const view = [...stackOf(world, userId), world.homes.get(userId)].find((one) => one?.id === view_id);
    return view === undefined ? null : { kind: "view", view };
  }
  if (channel === null) return null;
  const ts = textOf(given["message_ts"]);
  const whispered = findEphemeral(world, channel.id, userId, ts);
  const message = whispered ?? findMessage(world, channel.id, ts);
  return message === undefined ? null : { kind: "message", channel, message, ephemeral: whispered !== undefined };
}

function applyResponse(actor: Actor, view: View, body: Fields): Done {
  const { world, userId } = actor;
  switch (body["response_action"]) {
    case "errors": {
      const errors = fieldsOf(body["errors"]) as Record<string, string>;
      const inputs = view.blocks.filter((block) => block["type"] === "input").map((block) => block["block_id"]);
      if (Object.keys(errors).some((id) => !inputs.includes(id))) throw new Refusal("invalid_errors");
      return { ok: false, errors };
    }
    case "update":
      updateModal(world, view.id, viewGiven(body["view"]));
      return { ok: true };
    case "push":
      pushModal(world, userId, viewGiven(body["view"]));
      return { ok: true };
    case "clear":
      void closeAndTell(actor, true, view.id);
      return { ok: true };
    case undefined:
      if (stackOf(world, userId).at(-1)?.id === view.id) closeModals(world, userId, false);
      return { ok: true };
    default:
      throw new Refusal("invalid_response_action");
  }
}

/** Closes, and tells the app of each view that wants it, except the one that was just submitted. */
async function closeAndTell(actor: Actor, all: boolean, submitted = ""): Promise<void> {
  const { world, delivery, userId } = actor;
  const closed = closeModals(world, userId, all).filter((view) => view.notify_on_close && view.id !== submitted);
  await Promise.all(closed.map((view) => delivery.send("interactive", closedPayload(actor, view, all))));
}

function blocksOf(place: Place): Fields[] {
  return place.kind === "view" ? place.view.blocks : (place.message.blocks ?? []);
}

function entered(blocks: Fields[], state: unknown): Values {
  const given = fieldsOf(isFields(state) && isFields(state["values"]) ? state["values"] : state);
  const values = initialValues(blocks);
  for (const [blockId, actions] of Object.entries(given)) {
    for (const [actionId, done] of Object.entries(fieldsOf(actions))) {
      const element = findElement(blocks, blockId, actionId);
      const value = element === null ? null : valueOf(element, fieldsOf(done));
      if (value !== null) values[blockId] = { ...values[blockId], [actionId]: value };
    }
  }
  return values;
}

function withState(world: World, view: View, values: Values): View {
  return enterState(world, view.id, values) ?? { ...view, state: { values } };
}

function told(actor: Actor, outcome: Outcome): Done {
  return outcome.acked ? { ok: true } : refuse(actor, `${actor.world.app.name} did not answer. Try again in a moment.`);
}

/** Says it in the page too, as Slack does. */
function refuse({ world, userId }: Actor, text: string): Done {
  world.stream.publish((one) => one === userId, { type: "toast", text });
  return { ok: false, error: text };
}
