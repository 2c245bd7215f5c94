import { expect, test } from "vitest";
import { parse } from "../src/command/parse.ts";
import type { Request } from "../src/command/request.ts";

/** What people type to see things and to take care of items. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const ANA = { kind: "account", account: "U0ANA" } as const;

/** Typed outside a thread. */
const GOOD: readonly (readonly [string, Request])[] = [
  ["", { verb: "desk" }],
  ["   ", { verb: "desk" }],
  ["\u00A0\u200B", { verb: "desk" }],
  ["/day2", { verb: "desk" }],
  ["<@U0BOT>", { verb: "desk" }],
  ["<@U0BOT|daytwo>, status", { verb: "status", service: null }],
  ["/day2 status shop", { verb: "status", service: "shop" }],
  ["status", { verb: "status", service: null }],
  ["Status Shop", { verb: "status", service: "shop" }],
  ["STATUS shop.", { verb: "status", service: "shop" }],
  ["status  \u00A0 shop \n", { verb: "status", service: "shop" }],
  ["status `shop`", { verb: "status", service: "shop" }],
  ["status “shop”", { verb: "status", service: "shop" }],
  ["show shop-db", { verb: "status", service: "shop-db" }],
  ["status shop–db", { verb: "status", service: "shop-db" }],
  ["items", { verb: "items", which: "all" }],
  ["items all", { verb: "items", which: "all" }],
  ["items Mine", { verb: "items", which: "mine" }],
  ["items unowned!", { verb: "items", which: "unowned" }],
  ["items shop", { verb: "items", which: { service: "shop" } }],
  ["items #142", { verb: "items", which: { item: 142 } }],
  ["item 142", { verb: "items", which: { item: 142 } }],
  ["mine", { verb: "items", which: "mine" }],
  ["unowned", { verb: "items", which: "unowned" }],
  ["#142", { verb: "items", which: { item: 142 } }],
  ["# 142", { verb: "items", which: { item: 142 } }],
  ["op-17", { verb: "audit", of: { operation: 17 } }],
  ["OP 17", { verb: "audit", of: { operation: 17 } }],
  ["own #142", { verb: "own", on: { items: [142] }, duration: null }],
  ["own # 142", { verb: "own", on: { items: [142] }, duration: null }],
  ["own 142", { verb: "own", on: { items: [142] }, duration: null }],
  ["own \uFF03142", { verb: "own", on: { items: [142] }, duration: null }],
  ["Take #142.", { verb: "own", on: { items: [142] }, duration: null }],
  ["take #142 please", { verb: "own", on: { items: [142] }, duration: null }],
  ["take#142", { verb: "own", on: { items: [142] }, duration: null }],
  ["own #1, #2 and #5", { verb: "own", on: { items: [1, 2, 5] }, duration: null }],
  ["take shop", { verb: "own", on: { service: "shop" }, duration: null }],
  ["take shop for 2h", { verb: "own", on: { service: "shop" }, duration: 2 * HOUR }],
  ["ack 1 2 2", { verb: "ack", on: { items: [1, 2] }, duration: null }],
  ["ack #12 for 2h", { verb: "ack", on: { items: [12] }, duration: 2 * HOUR }],
  ["ack #12 30 min", { verb: "ack", on: { items: [12] }, duration: 30 * MINUTE }],
  ["release #7", { verb: "release", item: 7 }],
  ["give back #7", { verb: "release", item: 7 }],
  ["noise", { verb: "noise", about: null }],
  ["noise #7 the sale, as every year", { verb: "noise", about: { item: 7, reason: "the sale, as every year" } }],
  ["ack #7", { verb: "ack", on: { items: [7] }, duration: null }],
  ["ack 7", { verb: "ack", on: { items: [7] }, duration: null }],
  ["ack shop", { verb: "ack", on: { service: "shop" }, duration: null }],
  ["Acknowledge: #7", { verb: "ack", on: { items: [7] }, duration: null }],
  ["seen #7", { verb: "ack", on: { items: [7] }, duration: null }],
  ["handoff #5 <@U0ANA|ana> disk is full", { verb: "handoff", item: 5, to: ANA, note: "disk is full" }],
  ["handoff #5 <@U0ANA> disk is full", { verb: "handoff", item: 5, to: ANA, note: "disk is full" }],
  ["hand off #5 to <@U0ANA|ana>: disk is full", { verb: "handoff", item: 5, to: ANA, note: "disk is full" }],
  [
    "Hand–over 5 @ana see – the graph",
    { verb: "handoff", item: 5, to: { kind: "typed", typed: "ana" }, note: "see – the graph" },
  ],
  [
    "handoff #5 @Ana.Ruiz, you know Redis",
    { verb: "handoff", item: 5, to: { kind: "typed", typed: "Ana.Ruiz" }, note: "you know Redis" },
  ],
  ["handoff #5 team-web yours", { verb: "handoff", item: 5, to: { kind: "team", team: "web" }, note: "yours" }],
  ["handoff #5 @Team-Web yours", { verb: "handoff", item: 5, to: { kind: "team", team: "web" }, note: "yours" }],
  [
    "handoff #5 <!subteam^S0WEB|@web-team> yours",
    { verb: "handoff", item: 5, to: { kind: "group", group: "S0WEB" }, note: "yours" },
  ],
  ["handoff #5 José to sleep", { verb: "handoff", item: 5, to: { kind: "typed", typed: "José" }, note: "to sleep" }],
  [
    "snooze #142 2h waiting for the vendor",
    { verb: "snooze", item: 142, duration: 2 * HOUR, reason: "waiting for the vendor" },
  ],
  ["snooze 142 2h30 vendor", { verb: "snooze", item: 142, duration: 2 * HOUR + 30 * MINUTE, reason: "vendor" }],
  ["snooze #142 for 10 min: vendor", { verb: "snooze", item: 142, duration: 10 * MINUTE, reason: "vendor" }],
  ["snooze #142 1h 30m vendor", { verb: "snooze", item: 142, duration: HOUR + 30 * MINUTE, reason: "vendor" }],
  ["snooze #142 2h 30 pods restart", { verb: "snooze", item: 142, duration: 2 * HOUR, reason: "30 pods restart" }],
  ["snooze #142 2h 5 minor issues", { verb: "snooze", item: 142, duration: 2 * HOUR, reason: "5 minor issues" }],
  ["snooze #142 1.5 hours vendor", { verb: "snooze", item: 142, duration: 90 * MINUTE, reason: "vendor" }],
  ["snooze #142 3 Days vendor", { verb: "snooze", item: 142, duration: 3 * DAY, reason: "vendor" }],
  ["snooze #142 30d vendor", { verb: "snooze", item: 142, duration: 30 * DAY, reason: "vendor" }],
  ["snooze #142 1m vendor", { verb: "snooze", item: 142, duration: MINUTE, reason: "vendor" }],
  ["silence #142 2h new switch", { verb: "silence", item: 142, duration: 2 * HOUR, reason: "new switch" }],
  ["mute 142 for 30 min: vendor", { verb: "silence", item: 142, duration: 30 * MINUTE, reason: "vendor" }],
  ["silence end #142", { verb: "silence", item: 142, end: true }],
  ["Silence End 142.", { verb: "silence", item: 142, end: true }],
  ["defer #142 1w - vendor", { verb: "snooze", item: 142, duration: 7 * DAY, reason: "vendor" }],
  ["resolve #142 fixed by hand", { verb: "resolve", item: 142, reason: "fixed by hand" }],
  ["resolve 142 fixed by hand", { verb: "resolve", item: 142, reason: "fixed by hand" }],
  ["close #142 “fixed by hand”", { verb: "resolve", item: 142, reason: "fixed by hand" }],
  ["done #142, it’s Ana’s “old” one", { verb: "resolve", item: 142, reason: "it’s Ana’s “old” one" }],
  ["resolve #142 Fixed\nin two lines", { verb: "resolve", item: 142, reason: "Fixed\nin two lines" }],
  ["open shop checkout hangs", { verb: "open", service: "shop", severity: "warning", summary: "checkout hangs" }],
  ["open Shop CRITICAL: it hangs", { verb: "open", service: "shop", severity: "critical", summary: "it hangs" }],
  ["report shop warning 3 of 4", { verb: "open", service: "shop", severity: "warning", summary: "3 of 4" }],
  [
    "note #142 <@U0ANA|ana> saw &lt;b&gt; &amp; <https://x.example/a?b=1|the page>",
    { verb: "note", item: 142, text: "@ana saw <b> & https://x.example/a?b=1" },
  ],
  [
    "note #142 see <#C1|ops>, <mailto:a@b.example|a@b.example>, <!here>",
    { verb: "note", item: 142, text: "see #ops, a@b.example, @here" },
  ],
  ["comment 142 👩‍💻 is on it", { verb: "note", item: 142, text: "👩‍💻 is on it" }],
];

test.each(GOOD)("%j", (text, request) => {
  expect(parse(text, { demo: false })).toStrictEqual(request);
});
