import { expect, test } from "vitest";
import { parse } from "../src/command/parse.ts";
import type { Request } from "../src/command/request.ts";
import type { Action } from "../src/domain/action.ts";

/** What people type to act, decide and assign, and to find help. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const SHOP = { service: "shop", target: null };
const ANA = { kind: "account", account: "U0ANA" } as const;

function act(verb: Action, args: object, on: object | null = SHOP, item: number | null = null): Request {
  return { verb, on, item, arguments: args } as Request;
}

/** Typed outside a thread. */
const GOOD: readonly (readonly [string, Request])[] = [
  ["check shop", { verb: "check", on: { service: "shop", check: null } }],
  ["check shop/http", { verb: "check", on: { service: "shop", check: "http" } }],
  ["Check Shop/Certificate/www.", { verb: "check", on: { service: "shop", check: "certificate/www" } }],
  ["recheck #142", { verb: "check", on: { item: 142 } }],
  ["scale shop web=4", act("scale", { sizes: { web: 4 } })],
  ["scale shop web = 4", act("scale", { sizes: { web: 4 } })],
  ["scale shop web: 4", act("scale", { sizes: { web: 4 } })],
  ["scale shop web＝4", act("scale", { sizes: { web: 4 } })],
  ["Scale Shop Web=0", act("scale", { sizes: { web: 0 } })],
  ["scale shop web=4,worker=2", act("scale", { sizes: { web: 4, worker: 2 } })],
  ["scale shop web=4, worker=2", act("scale", { sizes: { web: 4, worker: 2 } })],
  ["scale shop web=4 and worker=2.", act("scale", { sizes: { web: 4, worker: 2 } })],
  ["scale shop web=4 for 10m", act("scale", { sizes: { web: 4 }, temporary: 10 * MINUTE })],
  ["scale shop web=4 for 10 min", act("scale", { sizes: { web: 4 }, temporary: 10 * MINUTE })],
  ["scale shop for 2h30 web=4", act("scale", { sizes: { web: 4 }, temporary: 2 * HOUR + 30 * MINUTE })],
  ["scale shop web=4, for 10m please", act("scale", { sizes: { web: 4 }, temporary: 10 * MINUTE })],
  ["scale shop/web web=4", act("scale", { sizes: { web: 4 } }, { service: "shop", target: "web" })],
  ["scale shop web=4 despite the sale", { ...act("scale", { sizes: { web: 4 } }), despite: "the sale" } as Request],
  ["rollback shop", act("rollback", {})],
  ["rollback shop despite: it burns", { ...act("rollback", {}), despite: "it burns" } as Request],
  ["restart shop web despite “a hunch”", { ...act("restart", { process: "web" }), despite: "a hunch" } as Request],
  ["Rollback shop!", act("rollback", {})],
  ["roll back shop", act("rollback", {})],
  ["roll–back shop", act("rollback", {})],
  ["rollback shop to v141", act("rollback", { release: "v141" })],
  ["rollback shop to V141.", act("rollback", { release: "v141" })],
  ["rollback shop v141", act("rollback", { release: "v141" })],
  ["rollback shop to Release-2026.11.3", act("rollback", { release: "Release-2026.11.3" })],
  ["rollback shop to api:v7+web:v1.2.3", act("rollback", { release: "api:v7+web:v1.2.3" })],
  ["rollback shop to api∶v7+web:v1.2.3", act("rollback", { release: "api:v7+web:v1.2.3" })], // copied from a card
  ["rollback shop please", act("rollback", {})],
  ["rollback shop/web to `v141`", act("rollback", { release: "v141" }, { service: "shop", target: "web" })],
  ["restart shop", act("restart", {})],
  ["restart shop Web", act("restart", { process: "web" })],
  ["restart shop web, please", act("restart", { process: "web" })],
  ["renew-cert shop", act("renew-cert", {})],
  ["renew cert shop", act("renew-cert", {})],
  ["renew shop", act("renew-cert", {})],
  ["Renew Certificate shop", act("renew-cert", {})],
  ["pause shop", act("pause", {})],
  ["Pause shop for 2 h.", act("pause", { temporary: 2 * 3_600_000 })],
  ["unpause shop", act("resume", {})],
  ["backup shop", act("backup", {})],
  ["Back up shop, please", act("backup", {})],
  ["snapshot shop/db", act("backup", {}, { service: "shop", target: "db" })],
  ["maintenance shop on", act("maintenance", { maintenance: "on" })],
  [
    "Maintenance Mode Shop/Web ‘on’ for 2 hours.",
    act("maintenance", { maintenance: "on", temporary: 2 * HOUR }, { service: "shop", target: "web" }),
  ],
  ["maintenance shop Off, please", act("maintenance", { maintenance: "off" })],
  ["reboot shop", act("reboot", {})],
  ["reboot shop despite: it must be", { ...act("reboot", {}), despite: "it must be" } as Request],
  ["patch shop", act("patch", {})],
  ["patch shop/db system-update", act("patch", { update: "system-update" }, { service: "shop", target: "db" })],
  ["Apply update shop DB-Upgrade, please", act("patch", { update: "db-upgrade" })],
  ["patch shop, please", act("patch", {})],
  ["patch shop db-upgrade despite: CVE", { ...act("patch", { update: "db-upgrade" }), despite: "CVE" } as Request],
  ["end shop 12345", act("end", { session: "12345" })],
  ["End Shop/Db `12345`.", act("end", { session: "12345" }, { service: "shop", target: "db" })],
  ["terminate shop session 12345", act("end", { session: "12345" })],
  ["kill shop 12345 only the statement", act("end", { session: "12345", statement: true })],
  [
    "end shop 12345 Statement despite: it burns",
    { ...act("end", { session: "12345", statement: true }), despite: "it burns" } as Request,
  ],
  ["run shop", act("run", {})],
  ["run shop trim-logs", act("run", { task: "trim-logs", values: {} })],
  ["Run Shop Trim-Logs.", act("run", { task: "trim-logs", values: {} })],
  ["run shop/web trim-logs", act("run", { task: "trim-logs", values: {} }, { service: "shop", target: "web" })],
  ["execute shop clear region=us days=3", act("run", { task: "clear", values: { region: "us", days: "3" } })],
  ["run shop clear Region = us, days＝3", act("run", { task: "clear", values: { region: "us", days: "3" } })],
  ["run shop clear region=us, please", act("run", { task: "clear", values: { region: "us" } })],
  ["run shop clear note=“two words”", act("run", { task: "clear", values: { note: "two words" } })],
  ["run shop clear note='$(id); `x`' days=1", act("run", { task: "clear", values: { note: "$(id); `x`", days: "1" } })],
  ["run shop clear note=it's–a&amp;b", act("run", { task: "clear", values: { note: "it's–a&b" } })],
  ["run shop clear note={region} days=-1", act("run", { task: "clear", values: { note: "{region}", days: "-1" } })],
  [
    "run shop clear days=3 despite: it burns",
    { ...act("run", { task: "clear", values: { days: "3" } }), despite: "it burns" } as Request,
  ],
  [
    "plan run shop clear days=3",
    {
      verb: "plan",
      action: { verb: "run", on: SHOP, item: null, arguments: { task: "clear", values: { days: "3" } } },
    },
  ],
  ["plan rollback shop", { verb: "plan", action: { verb: "rollback", on: SHOP, item: null, arguments: {} } }],
  [
    "preview scale shop web=4 for 1h",
    {
      verb: "plan",
      action: { verb: "scale", on: SHOP, item: null, arguments: { sizes: { web: 4 }, temporary: HOUR } },
    },
  ],
  ["dry run renew cert shop", { verb: "plan", action: { verb: "renew-cert", on: SHOP, item: null, arguments: {} } }],
  ["approve op-17", { verb: "approve", operation: 17 }],
  ["approve OP-17", { verb: "approve", operation: 17 }],
  ["approve op 17", { verb: "approve", operation: 17 }],
  ["approve op17", { verb: "approve", operation: 17 }],
  ["approve op–17.", { verb: "approve", operation: 17 }],
  ["approve 17", { verb: "approve", operation: 17 }],
  ["approve op-17 alone: the shop is down", { verb: "approve", operation: 17, alone: "the shop is down" }],
  ["approve op-17 please", { verb: "approve", operation: 17 }],
  ["deny op-17 not during the sale", { verb: "deny", operation: 17, reason: "not during the sale" }],
  ["reject 17: 3 pods are down", { verb: "deny", operation: 17, reason: "3 pods are down" }],
  ["cancel op-17", { verb: "cancel", operation: 17 }],
  ["withdraw op-17", { verb: "cancel", operation: 17 }],
  ["owners", { verb: "owners", service: null }],
  ["who shop?", { verb: "owners", service: "shop" }],
  ["assign shop patching <@U0ANA|ana>", { verb: "assign", service: "shop", responsibility: "patching", to: ANA }],
  [
    "assign shop patching to @ana",
    { verb: "assign", service: "shop", responsibility: "patching", to: { kind: "typed", typed: "ana" } },
  ],
  [
    "assign shop disk and logs team-web",
    { verb: "assign", service: "shop", responsibility: "disk-and-logs", to: { kind: "team", team: "web" } },
  ],
  [
    "assign shop on-call to rotation-Web",
    { verb: "assign", service: "shop", responsibility: "on-call", to: { kind: "rotation", rotation: "web" } },
  ],
  ["assign shop on–call me", { verb: "assign", service: "shop", responsibility: "on-call", to: { kind: "self" } }],
  ["assign shop Backups nobody", { verb: "assign", service: "shop", responsibility: "backups", to: null }],
  ["digest", { verb: "digest" }],
  ["runbook shop", { verb: "runbook", on: { service: "shop" } }],
  ["audit", { verb: "audit", of: "all" }],
  ["audit #142", { verb: "audit", of: { item: 142 } }],
  ["history op-17", { verb: "audit", of: { operation: 17 } }],
  ["log shop", { verb: "audit", of: { service: "shop" } }],
  ["whoami", { verb: "whoami" }],
  ["who am I?", { verb: "whoami" }],
  ["help", { verb: "help", about: null }],
  ["?", { verb: "help", about: null }],
  ["--help", { verb: "help", about: null }],
  ["—help", { verb: "help", about: null }],
  ["help rollback", { verb: "help", about: "rollback" }],
  ["help providers", { verb: "help", about: "providers" }],
  ["help roll back", { verb: "help", about: "rollback" }],
  ["rollback --help", { verb: "help", about: "rollback" }],
  ["rollback ?", { verb: "help", about: "rollback" }],
];

test.each(GOOD)("%j", (text, request) => {
  expect(parse(text, { demo: false })).toStrictEqual(request);
});

test.each([
  ["demo bad-release", "bad-release"],
  ["demo Bad Release", "bad-release"],
  ["demo reset", "reset"],
])("%j in the demo", (text, what) => {
  expect(parse(text, { demo: true })).toStrictEqual({ verb: "demo", what });
});

test("the demo says what it can do", () => {
  expect(() => parse("demo explode", { demo: true })).toThrow("The demo can do `bad-release` and `reset`.");
});
