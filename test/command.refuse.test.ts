import { expect, test } from "vitest";
import { parse } from "../src/command/parse.ts";

/** What cannot be understood is explained, with the next step. */

function neither(word: string): string {
  return `\`${word}\` is neither an item nor a service. Write its number, such as \`#142\`, or a key such as \`shop\`.`;
}

function notSize(word: string): string {
  return `\`${word}\` is not a size. Write the process and the whole number wanted, such as \`web=4\`.`;
}

function notKey(word: string): string {
  return `\`${word}\` is an address; this needs a service's key, such as \`shop\`.`;
}

/** Typed outside a thread: the message, and what its hint holds. */
const BAD: readonly (readonly [string, string, string])[] = [
  ["scale shop 4 web", notSize("4"), "Did you mean `web=4`?"],
  ["scale shop web to 4", notSize("web"), "Did you mean `web=4`?"],
  ["scale shop web x4", notSize("web"), "Did you mean `web=4`?"],
  ["scale shop to 4", notSize("to"), "Usage"],
  ["status <http://shop.example.com|shop.example.com>", notKey("shop.example.com"), "`/day2 status` lists them"],
  ["check <https://shop.example.com>", notKey("https://shop.example.com"), "`/day2 add` watches an address"],
  ["own it", "Which one? Write an item such as `#142`, several, or a service such as `shop`.", "Usage"],
  [
    "snooze #142 until 10:00 UTC vendor",
    "10:00 UTC is not by your own clocks, and times of day are read by those.",
    "or with its date, such as `2026-12-03T10:00Z` (UTC).",
  ],
  ["snooze #142 until 2026-13-03T10:00Z vendor", "`2026-13-03T10:00Z` is no time.", "`2026-12-03T10:00Z`"],
  ["window shop tonight 2h", "When tonight?", "such as `tonight 22:00`"],
  ["rolback shop", "I do not know `rolback`. Did you mean `rollback`?", "Usage: `/day2 rollback service [to release]`"],
  ["stauts", "I do not know `stauts`. Did you mean `status`?", "Usage: `/day2 status [service]`"],
  [
    "acknowlege #7",
    "I do not know `acknowlege`. Did you mean `acknowledge`?",
    "Usage: `/day2 ack #id…|service [for 2h]`",
  ],
  ["snoze #1 2h x", "I do not know `snoze`. Did you mean `snooze`?", "Usage: `/day2 snooze"],
  ["frobnicate", "I do not know `frobnicate`.", "`/day2 help` shows what there is"],
  ["142", "Is 142 an item or an operation?", "Write `/day2 #142` for the item, or `/day2 op-142` for the operation."],
  ["!!!", "I do not know `!!!`.", "`/day2 help`"],
  ["demo reset", "I do not know `demo`.", "`/day2 help`"],
  ["help rolback", "I do not know `rolback`. Did you mean `rollback`?", "Usage: `/day2 rollback"],
  ["`x` y", "I do not know `'x'`.", "`/day2 help`"],
  [
    "status shop_db",
    "`shop_db` is not a service's key: those begin with a small letter and have only small letters, digits and `-`.",
    "Usage: `/day2 status [service]`",
  ],
  ["status shop soon", "I do not understand `soon` at the end.", "Usage: `/day2 status [service]`"],
  ["items #0", "An item's number begins at 1.", "Usage: `/day2 items"],
  [
    "own",
    "Which one? Write an item such as `#142`, several, or a service such as `shop`.",
    "Usage: `/day2 own #id…|service [for 2h]`",
  ],
  ["own 142a", neither("142a"), "Usage"],
  ["own -5", neither("-5"), "Usage"],
  ["own 1.5", neither("1.5"), "Usage"],
  ["own #99999999999999999999", neither("#99999999999999999999"), "Usage"],
  ["own op-17", "`op-17` is an operation; this needs an item, such as `#142`.", "Usage"],
  ["own #142 shop", "I do not understand `shop` at the end.", "Usage"],
  ["own #142 for ever", "`ever` is not a duration. Write it like `30m`, `2h`, `2h30` or `3d`.", "Usage"],
  ["ack", "Which one? Write an item such as `#142`, several, or a service such as `shop`.", "Usage: `/day2 ack"],
  ["ack for 2h", "Which one? Write an item such as `#142`, several, or a service such as `shop`.", "Usage: `/day2 ack"],
  ["release", "Which item? Write its number, such as `#142`.", "Usage: `/day2 release #id`"],
  ["release shop", "`shop` is not an item. Write its number, such as `#142`.", "Usage: `/day2 release #id`"],
  ["noise shop", "`shop` is not an item. Write its number, such as `#142`.", "Usage: `/day2 noise [#id reason…]`"],
  ["noise #7", "Why is it noise? Write the reason behind the item; it is counted.", "Usage"],
  ["handoff #5", "Who? Write a mention such as `@ana`, or `team-web`.", "Usage: `/day2 handoff"],
  ["handoff #5 <#C1|ops> x", "`#ops` is not a person or team. Write a mention such as `@ana`, or `team-web`.", "Usage"],
  [
    "handoff #5 @ana",
    "What should they know? Write a note behind the name.",
    "Usage: `/day2 handoff #id @person note…`",
  ],
  ["handoff @ana note", "`@ana` is not an item. Write its number, such as `#142`.", "Usage"],
  ["snooze #142", "How long? Write it like `30m`, `2h`, `2h30` or `3d`.", "Usage: `/day2 snooze #id 2h reason…`"],
  ["snooze #142 30 vendor", "30 of what? Write `30m`, `30h` or `30d`.", "Usage"],
  ["snooze #142 soon vendor", "`soon` is not a duration. Write it like `30m`, `2h`, `2h30` or `3d`.", "Usage"],
  ["snooze #142 2 monkeys", "2 of what? Write `2m`, `2h` or `2d`.", "Usage"],
  ["snooze #142 2h", "Why can it wait? Write the reason behind the duration.", "Usage"],
  [
    "silence #142 2h",
    "Why silence it? Write the reason behind the duration.",
    "Usage: `/day2 silence #id 2h reason… | end #id`",
  ],
  ["silence end", "Which item? Write its number, such as `#142`.", "Usage"],
  ["silence end shop", "`shop` is not an item. Write its number, such as `#142`.", "Usage"],
  ["snooze #142 59s x", "`59s` is out of range: from 1 minute to 30 days.", "Usage"],
  ["snooze #142 31d x", "`31d` is out of range: from 1 minute to 30 days.", "Usage"],
  [
    "snooze #142 999999999999999999999w x",
    "`999999999999999999999w` is out of range: from 1 minute to 30 days.",
    "Usage",
  ],
  ["snooze #142 5m5m x", '"5m5m" is not a duration. Write it like 10s, 5m, 2h or 1h30m.', "Usage"],
  ["resolve #142", "Why is it done? Write it behind the item; it is kept in the record.", "Usage"],
  ["resolve #142 —", "Why is it done? Write it behind the item; it is kept in the record.", "Usage"],
  ["open", "Which service? Write its key, such as `shop`.", "Usage: `/day2 open service [critical] text…`"],
  ["open shop critical", "What has to be seen to? Write it in one line behind the service.", "Usage"],
  ["note 142", "What should be noted? Write it behind the item.", "Usage"],
  [
    "check",
    "Which service? Write its key, such as `shop`.",
    "`/day2 status` lists them. Usage: `/day2 check service[/check]`",
  ],
  ["scale", "Which service? Write its key, such as `shop`.", "Usage: `/day2 scale"],
  ["scale web=4", "Which service? Write it before the sizes: `shop web=4`.", "Usage"],
  ["scale shop", "To what size? Write the process and its number, such as `web=4`.", "Usage"],
  ["scale shop 4", "`4` is not a size. Write the process and the whole number wanted, such as `web=4`.", "Usage"],
  [
    "scale shop web 4",
    "`web` is not a size. Write the process and the whole number wanted, such as `web=4`.",
    "Did you mean `web=4`? Usage",
  ],
  [
    "scale shop web=four",
    "`web=four` is not a size. Write the process and the whole number wanted, such as `web=4`.",
    "Usage",
  ],
  [
    "scale shop web=+2",
    "`web=+2` is not a size. Write the process and the whole number wanted, such as `web=4`.",
    "Usage",
  ],
  [
    "scale shop web=-1",
    "`web=-1` is not a size. Write the process and the whole number wanted, such as `web=4`.",
    "Usage",
  ],
  [
    "scale shop web=4.5",
    "`web=4.5` is not a size. Write the process and the whole number wanted, such as `web=4`.",
    "Usage",
  ],
  ["scale shop web=4 web=5", "`web` is sized twice; keep one.", "Usage"],
  ["scale shop web=99999", "99999 is more than anybody means: 10000 at most.", "Usage"],
  ["scale shop web=4 for", "How long? Write it like `30m`, `2h`, `2h30` or `3d`.", "Usage"],
  ["scale shop web=4 for 10", "10 of what? Write `10m`, `10h` or `10d`.", "Usage"],
  ["scale shop web=4 for 10s", "`10s` is out of range: from 1 minute to 30 days.", "Usage"],
  ["scale shop web=4 for 1h for 2h", "There are two durations; keep one.", "Usage"],
  ["scale shop web=4 soon", "I do not understand `soon` at the end.", "Usage"],
  ["scale shop for 10m", "To what size? Write the process and its number, such as `web=4`.", "Usage"],
  ["rollback", "Which service? Write its key, such as `shop`.", "Usage: `/day2 rollback"],
  [
    "rollback shop to",
    "To which release? Write its name, such as `to v141`, or leave it out for the one before.",
    "Usage",
  ],
  ["rollback shop v141 v140", "I do not understand `v140` at the end.", "Usage"],
  [
    "rollback 7",
    "`7` is not a service's key: those begin with a small letter and have only small letters, digits and `-`.",
    "Usage",
  ],
  ["restart shop web worker", "I do not understand `worker` at the end.", "Usage: `/day2 restart service [process]`"],
  ["pause shop for", "How long? Write it like `30m`, `2h`, `2h30` or `3d`.", "Usage: `/day2 pause service [for 2h]`"],
  ["renew-cert shop www", "I do not understand `www` at the end.", "Usage: `/day2 renew-cert service`"],
  [
    "plan",
    "A plan for which action?",
    "Possible: scale, rollback, restart, renew-cert, pause, resume, backup, maintenance, reboot, patch, end, run. Usage: `/day2 plan action…`",
  ],
  [
    "patch shop system-update db-upgrade",
    "I do not understand `db-upgrade` at the end.",
    "Usage: `/day2 patch service [update]`",
  ],
  ["end shop", "Which session? Write its number, such as `12345`.", "`/day2 status` of the service shows"],
  [
    "end shop web",
    "Which session? Write its number, such as `12345`.",
    "Usage: `/day2 end service session [statement]`",
  ],
  ["end shop 12345 12346", "I do not understand `12346` at the end.", "Usage"],
  ["run", "Which service? Write its key, such as `shop`.", "Usage: `/day2 run service task [name=value …]`"],
  ["run shop clear us", "I do not understand `us` at the end.", "Usage"],
  ["run shop clear days=", "`days` has no value.", "with spaces in quotes"],
  ['run shop clear note="two words', "The value of `note` has a quote too many or too few.", "with spaces in quotes"],
  ["run shop clear days=1 days=2", "`days` is given twice; keep one.", "Usage"],
  ["plan rolback shop", "`rolback` is not an action.", "Did you mean `rollback`? Usage"],
  ["plan resolve #7", "`resolve` is not an action.", "Usage"],
  [
    "approve",
    "Which operation? Write its number, such as `op-17`.",
    "Usage: `/day2 approve op-17 [target | alone reason…]`",
  ],
  ["approve #17", "`#17` is an item; this needs an operation, such as `op-17`.", "Usage"],
  ["approve op-0", "An operation's number begins at 1.", "Usage"],
  [
    "approve op-17 alone",
    "Alone, why? Write the reason behind `alone`; everybody who may approve it reads it.",
    "Usage",
  ],
  ["approve op-17 op-18", "I do not understand `op-18` at the end.", "Usage"],
  ["approve it", "`it` is not an operation. Write its number, such as `op-17`.", "Usage"],
  ["deny op-17", "Why? Write the reason behind the operation; who asked for it reads it.", "Usage"],
  ["cancel shop", "`shop` is not an operation. Write its number, such as `op-17`.", "Usage"],
  ["assign shop", "Which responsibility?", "Possible: releases, scaling, patching"],
  ["assign shop patchin @ana", "`patchin` is not a responsibility.", "Did you mean `patching`? Usage"],
  ["assign shop patching", "Who? Write a mention such as `@ana`, or `team-web`.", "Usage"],
  ["assign shop patching @ana @ben", "I do not understand `@ben` at the end.", "Usage"],
  ["digest #ops", "I do not understand `#ops` at the end.", "Usage: `/day2 digest`"],
  ["runbook", "Which one? Write an item such as `#142`, or a service such as `shop`.", "Usage"],
];

test.each(BAD)("%j is explained", (text, message, hint) => {
  expect(() => parse(text, { demo: false })).toThrow(
    expect.objectContaining({ name: "Invalid", message, hint: expect.stringContaining(hint) as unknown }),
  );
});

test("a text that no command needs is refused before it is read", () => {
  expect(() => parse(`note #1 ${"x".repeat(3_000)}`, { demo: false })).toThrow(/^That is 3008 characters long/);
});
