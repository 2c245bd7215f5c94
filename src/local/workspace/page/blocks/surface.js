// Where blocks live: a message, a modal or the Home tab. Elements talk to the app through it alone.

import { post } from "../api.js";
import { confirmed } from "../lib/confirm.js";
import { toast } from "../lib/toast.js";

/**
 * @typedef {object} Surface
 * @property {Record<string, any>} at what names the surface in a request: { channel, message_ts } or { view_id } or { home: true }
 * @property {Record<string, Record<string, any>>} values entered so far: block_id → action_id → value
 * @property {Record<string, string>} errors block_id → sentence
 * @property {Set<string>} busy "block_id/action_id" of clicks under way
 * @property {() => void} redraw
 */

/** @returns {Surface} */
export function surface(at, redraw) {
  return { at, values: {}, errors: {}, busy: new Set(), redraw };
}

/** @param {any} block @param {any} element */
export function keyOf(block, element) {
  return `${block.block_id ?? ""}/${element.action_id ?? ""}`;
}

/** What an element holds, in the shape that it reports: what was entered, or what it started with while nobody touched it. */
export function valueIn(where, block, element) {
  return where.values[block.block_id]?.[element.action_id] ?? initialValue(element);
}

// What starts as initial_date is reported as selected_date, and so on; only initial_value is reported as value.
function initialValue({ type, ...item }) {
  const starts = Object.entries(item).filter(([name]) => name.startsWith("initial_"));
  const reported = (name) => (name === "initial_value" ? "value" : name.replace("initial", "selected"));
  return { type, ...Object.fromEntries(starts.map(([name, value]) => [reported(name), value])) };
}

/** Notes a value; it travels with the next action or submission. */
export function enter(where, block, element, value) {
  where.values[block.block_id] = {
    ...where.values[block.block_id],
    [element.action_id]: { type: element.type, ...value },
  };
}

/**
 * Sends a block action. While it is under way the element is busy and cannot be pressed again.
 * @param {Surface} where @param {any} block @param {any} element @param {Record<string, any>} result value, selected_option …
 */
export async function act(where, block, element, result) {
  const key = keyOf(block, element);
  if (where.busy.has(key)) return;
  if (element.confirm && !(await confirmed(element.confirm))) return;
  where.busy.add(key);
  where.redraw();
  try {
    const action = { type: element.type, block_id: block.block_id, action_id: element.action_id, ...result };
    const answer = await post("action", { ...where.at, action, state: { values: where.values } });
    if (!answer.ok) toast(answer.error);
  } catch (error) {
    toast(error.message);
  } finally {
    where.busy.delete(key);
    where.redraw();
  }
}

/** Options of an external select. */
export async function suggest(where, block, element, typed) {
  const { block_id } = block;
  const answer = await post("suggest", { ...where.at, block_id, action_id: element.action_id, value: typed });
  return answer.options ?? answer.option_groups ?? [];
}
