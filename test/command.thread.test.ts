import { expect, test } from "vitest";
import { parse } from "../src/command/parse.ts";
import type { Request } from "../src/command/request.ts";
import type { Action } from "../src/domain/action.ts";

/** What people type in the thread of an item, where it need not be named. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const SHOP = { service: "shop", target: null };
const ANA = { kind: "account", account: "U0ANA" } as const;

function act(verb: Action, args: object, on: object | null = SHOP, item: number | null = null): Request {
  return { verb, on, item, arguments: args } as Request;
}

/** Typed in the thread of #7. */
const IN_THREAD: readonly (readonly [string, Request])[] = [
  ["own", { verb: "own", on: { items: [7] }, duration: null }],
  ["take #8", { verb: "own", on: { items: [8] }, duration: null }],
  ["take 8", { verb: "own", on: { items: [8] }, duration: null }],
  ["ack", { verb: "ack", on: { items: [7] }, duration: null }],
  ["ack for 2h", { verb: "ack", on: { items: [7] }, duration: 2 * HOUR }],
  ["release", { verb: "release", item: 7 }],
  ["noise", { verb: "noise", about: null }],
  ["noise it is the sale", { verb: "noise", about: { item: 7, reason: "it is the sale" } }],
  ["ack shop", { verb: "ack", on: { service: "shop" }, duration: null }],
  ["handoff <@U0ANA|ana> disk is full", { verb: "handoff", item: 7, to: ANA, note: "disk is full" }],
  ["handoff #8 @ana disk", { verb: "handoff", item: 8, to: { kind: "typed", typed: "ana" }, note: "disk" }],
  ["snooze 2h vendor", { verb: "snooze", item: 7, duration: 2 * HOUR, reason: "vendor" }],
  ["snooze 2 h vendor", { verb: "snooze", item: 7, duration: 2 * HOUR, reason: "vendor" }],
  ["snooze #8 2h vendor", { verb: "snooze", item: 8, duration: 2 * HOUR, reason: "vendor" }],
  ["snooze 8 2h vendor", { verb: "snooze", item: 8, duration: 2 * HOUR, reason: "vendor" }],
  ["silence 2h vendor", { verb: "silence", item: 7, duration: 2 * HOUR, reason: "vendor" }],
  ["silence end", { verb: "silence", item: 7, end: true }],
  ["silence end #8", { verb: "silence", item: 8, end: true }],
  ["resolve fixed", { verb: "resolve", item: 7, reason: "fixed" }],
  ["resolve #8 fixed", { verb: "resolve", item: 8, reason: "fixed" }],
  ["note three pods restarted", { verb: "note", item: 7, text: "three pods restarted" }],
  ["check", { verb: "check", on: { item: 7 } }],
  ["runbook", { verb: "runbook", on: { item: 7 } }],
  ["audit", { verb: "audit", of: { item: 7 } }],
  ["rollback", act("rollback", {}, null, 7)],
  ["rollback to v141", act("rollback", { release: "v141" }, null, 7)],
  ["rollback v141", act("rollback", { release: "v141" }, null, 7)],
  ["rollback shop", act("rollback", {}, SHOP, 7)],
  ["scale web=4 for 10m", act("scale", { sizes: { web: 4 }, temporary: 10 * MINUTE }, null, 7)],
  ["scale for 10m web = 4", act("scale", { sizes: { web: 4 }, temporary: 10 * MINUTE }, null, 7)],
  ["scale shop web=4", act("scale", { sizes: { web: 4 } }, SHOP, 7)],
  ["restart", act("restart", {}, null, 7)],
  ["renew-cert", act("renew-cert", {}, null, 7)],
  ["pause for 30m", act("pause", { temporary: 1_800_000 }, null, 7)],
  ["resume", act("resume", {}, null, 7)],
  ["backup", act("backup", {}, null, 7)],
  ["maintenance on for 2h", act("maintenance", { maintenance: "on", temporary: 2 * HOUR }, null, 7)],
  ["maintenance off", act("maintenance", { maintenance: "off" }, null, 7)],
  ["reboot", act("reboot", {}, null, 7)],
  ["patch", act("patch", {}, null, 7)],
  ["patch despite CVE", { ...act("patch", {}, null, 7), despite: "CVE" } as Request],
  ["patch shop db-upgrade", act("patch", { update: "db-upgrade" }, SHOP, 7)],
  ["end 12345", act("end", { session: "12345" }, null, 7)],
  ["end session 12345", act("end", { session: "12345" }, null, 7)],
  ["end 12345 statement", act("end", { session: "12345", statement: true }, null, 7)],
  ["run", act("run", {}, null, 7)],
  ["run clear", act("run", { task: "clear", values: {} }, null, 7)],
  ["run clear region=us", act("run", { task: "clear", values: { region: "us" } }, null, 7)],
  ["run clear despite x", { ...act("run", { task: "clear", values: {} }, null, 7), despite: "x" } as Request],
  ["run shop clear", act("run", { task: "clear", values: {} }, SHOP, 7)],
  ["run shop clear region=us", act("run", { task: "clear", values: { region: "us" } }, SHOP, 7)],
  ["plan rollback", { verb: "plan", action: { verb: "rollback", on: null, item: 7, arguments: {} } }],
  ["", { verb: "desk" }],
];

test.each(IN_THREAD)("%j", (text, request) => {
  expect(parse(text, { item: 7, demo: false })).toStrictEqual(request);
});

test.each(["resolve 8 fixed", "note 3 pods restarted"])("%j may mean two things, and is asked", (text) => {
  expect(() => parse(text, { item: 7, demo: false })).toThrow(
    /^Is \d the item #\d, or part of what you say about #7\?$/,
  );
});
