/** Modals and Home tabs: opened, stacked, changed and closed, and told to the page of the person they belong to. */

import { createHash } from "node:crypto";
import { sentence, viewProblems, withIds } from "./block-check.ts";
import { isFields, listOf, textOf } from "../json.ts";
import type { Fields } from "../json.ts";
import { invalidArguments, Refusal } from "./refusal.ts";
import { randomId } from "./world.ts";
import type { View, World } from "./world.ts";

const MOST_STACKED = 3;
const MOST_VIEW_BYTES = 250_000;

export function openModal(world: World, userId: string, given: Fields): View {
  const view = modalFrom(world, given, null);
  world.modals.set(userId, [view]);
  tellPage(world, userId, "view_opened", view);
  return view;
}

export function pushModal(world: World, userId: string, given: Fields): View {
  const stack = stackOf(world, userId);
  const below = stack.at(-1);
  if (below === undefined) throw new Refusal("not_found");
  if (stack.length >= MOST_STACKED) throw new Refusal("push_limit_reached");
  const view = modalFrom(world, given, below);
  if (view.external_id !== "" && stack.some((one) => one.external_id === view.external_id)) {
    throw new Refusal("duplicate_external_id");
  }
  world.modals.set(userId, [...stack, view]);
  tellPage(world, userId, "view_pushed", view);
  return view;
}

/** Changes an open modal in place, found by its id or external id. */
export function updateModal(world: World, viewId: string, given: Fields, hash?: string): View {
  const found = findModal(world, viewId);
  if (found === null) throw new Refusal("not_found");
  const { userId, view } = found;
  if (hash !== undefined && hash !== view.hash) throw new Refusal("hash_conflict");
  const fresh = modalFrom(world, given, null);
  const { id, root_view_id, previous_view_id, state } = view;
  const changed = hashed({ ...fresh, id, root_view_id, previous_view_id, state: keptState(state, fresh.blocks) });
  replace(world, userId, changed);
  tellPage(world, userId, "view_updated", changed);
  return changed;
}

/** Takes the top modal off, or all of them; resolves to those that were closed, top first. */
export function closeModals(world: World, userId: string, all: boolean): View[] {
  const stack = stackOf(world, userId);
  const left = all ? [] : stack.slice(0, -1);
  world.modals.set(userId, left);
  const closed = stack.slice(left.length).toReversed();
  for (const view of closed) tellPage(world, userId, "view_closed", view);
  return closed;
}

export function publishHome(world: World, userId: string, given: Fields, hash?: string): View {
  const known = world.homes.get(userId);
  if (hash !== undefined && known !== undefined && hash !== known.hash) throw new Refusal("hash_conflict");
  const fresh = viewFrom(world, given, "home");
  const id = known?.id ?? fresh.id;
  const view = hashed({ ...fresh, id, root_view_id: id });
  world.homes.set(userId, view);
  world.journal.append({ kind: "home", user: userId, view });
  world.stream.publish((one) => one === userId, { type: "home", view });
  return view;
}

export function stackOf(world: World, userId: string): View[] {
  return world.modals.get(userId) ?? [];
}

function findModal(world: World, id: string): { userId: string; view: View } | null {
  for (const [userId, stack] of world.modals) {
    const view = stack.find((one) => one.id === id || (one.external_id !== "" && one.external_id === id));
    if (view !== undefined) return { userId, view };
  }
  return null;
}

/** Keeps what the person has entered so far, which apps receive with each action in the view. */
export function enterState(world: World, viewId: string, values: View["state"]["values"]): View | null {
  const found = findModal(world, viewId);
  if (found === null) return null;
  const view = { ...found.view, state: { values } };
  replace(world, found.userId, view);
  return view;
}

function replace(world: World, userId: string, view: View): void {
  const stack = stackOf(world, userId).map((one) => (one.id === view.id ? view : one));
  world.modals.set(userId, stack);
}

function modalFrom(world: World, given: Fields, below: View | null): View {
  const view = viewFrom(world, given, "modal");
  return { ...view, previous_view_id: below?.id ?? null, root_view_id: below?.root_view_id ?? view.id };
}

function viewFrom(world: World, given: Fields, type: "modal" | "home"): View {
  if (given["type"] !== type)
    throw invalidArguments(`[ERROR] unsupported type: ${textOf(given["type"])} [json-pointer:/view/type]`);
  const problems = viewProblems(given, type);
  if (problems.length > 0) throw invalidArguments(...problems.map(sentence));
  if (JSON.stringify(given).length > MOST_VIEW_BYTES) throw new Refusal("view_too_large");
  const id = randomId("V");
  const { app, options } = world;
  return hashed({
    id,
    team_id: options.seed.team.id,
    app_id: app.id,
    app_installed_team_id: options.seed.team.id,
    bot_id: app.botId,
    title: null,
    submit: null,
    close: null,
    private_metadata: "",
    callback_id: "",
    external_id: "",
    clear_on_close: false,
    notify_on_close: false,
    ...given,
    type,
    blocks: withIds(listOf(given["blocks"])),
    state: { values: {} },
    hash: "",
    root_view_id: id,
    previous_view_id: null,
  });
}

function hashed(view: View): View {
  const content = JSON.stringify({ ...view, hash: randomId("") });
  return { ...view, hash: createHash("sha256").update(content).digest("hex").slice(0, 18) };
}

/** Slack keeps what was entered where block_id and action_id stay the same. */
function keptState(state: View["state"], blocks: Fields[]): View["state"] {
  const kept = Object.entries(state.values).filter(([block]) => blocks.some((one) => one["block_id"] === block));
  return { values: Object.fromEntries(kept) };
}

function tellPage(world: World, userId: string, type: string, view: View): void {
  world.stream.publish((one) => one === userId, { type, view });
}

export function viewGiven(view: unknown): Fields {
  if (!isFields(view)) throw invalidArguments("[ERROR] missing required field: view");
  return view;
}
