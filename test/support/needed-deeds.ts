import type { Deed } from "../../src/domain/deed.ts";
import type { ActionId, CALLBACK_IDS, CallbackId } from "../../src/slack/ids.ts";

/**
 * The deed that each button, form and shortcut has to be permitted; for words the verb table says it. The doors ask for
 * the permission, and a test holds the two together.
 */

/** Null for what carries another button's deed: a menu, and the tour's lines. */
export const BUTTON_DEEDS: Readonly<Record<ActionId, Deed | null>> = {
  "item.take": "own",
  "item.seen": "acknowledge",
  "item.act": "request",
  "item.act.second": "request",
  "item.still": "acknowledge",
  "item.still.longer": "acknowledge",
  "item.still.longest": "acknowledge",
  "item.release": "release",
  "item.hold": "acknowledge",
  "item.noise": "noise",
  "service.take-all": "own",
  "service.seen-all": "acknowledge",
  "item.resolve": "resolve",
  "item.snooze": "snooze",
  "item.silence": "silence",
  "item.silence.end": "silence",
  "item.handoff": "handOff",
  "item.note": "note",
  "item.extend": "request",
  "item.keep": "request",
  "item.take-back": "request",
  "item.route": "read",
  "item.more": null,
  "operation.approve": "approve",
  "operation.deny": "deny",
  "operation.go-alone": "goAlone",
  "operation.cancel": "cancel",
  "operation.look-again": "judge",
  "operation.happened": "judge",
  "operation.did-not-happen": "judge",
  "operation.stop-here": "judge",
  "tour.help": null,
};

export const FORM_DEEDS: Readonly<Record<Exclude<CallbackId, "home" | "item_from_message">, Deed>> = {
  "modal.act": "request",
  "modal.resolve": "resolve",
  "modal.noise": "noise",
  "modal.hold": "acknowledge",
  "modal.snooze": "snooze",
  "modal.silence": "silence",
  "modal.handoff": "handOff",
  "modal.note": "note",
  "modal.deny": "deny",
  "modal.approve": "approve",
  "modal.go-alone": "goAlone",
  "modal.new-item": "note",
  "modal.extend": "request",
  "modal.keep": "request",
};

export const SHORTCUT_DEEDS: Readonly<Record<typeof CALLBACK_IDS.messageToItem, Deed>> = {
  item_from_message: "note",
};
