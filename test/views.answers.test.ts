import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { Invalid } from "../src/errors.ts";
import { answerMessage, brokenMessage, problemMessage, runbookMessage } from "../src/slack/answer-message.ts";
import { deskMessage } from "../src/slack/desk-message.ts";
import { digestMessage } from "../src/slack/digest-message.ts";
import { eventSentence } from "../src/slack/events/sentence.ts";
import { abilities } from "../src/board/abilities.ts";
import { helpMessage, providersMessage, verbHelpMessage } from "../src/slack/help-message.ts";
import { historyMessage } from "../src/slack/history-message.ts";
import { homeTab } from "../src/slack/home-tab.ts";
import { itemsList } from "../src/slack/items-list.ts";
import { checkLimits } from "../src/slack/limits.ts";
import { ownersMessage } from "../src/slack/owners-message.ts";
import { statusList, statusMessage } from "../src/slack/status-message.ts";
import { timelineLine } from "../src/slack/timeline-line.ts";
import { desk } from "./views.desk.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { hostile, readAll } from "./views.reader.ts";
import { digest } from "./views.digest-value.ts";
import { NAMES, NOW, OBSERVATION, SERVICE, TAKEN, event, item, operation, status } from "./views.values.ts";

const NONE = {
  unowned: [],
  unownedCount: 0,
  overdue: [],
  overdueCount: 0,
  owners: [],
  ownersCount: 0,
  ownedCount: 0,
  waiting: [],
  waitingCount: 0,
  alone: [],
  comingUp: [],
  noisy: [],
  head: null,
};
const EMPTY_DESK = { mine: [], mineCount: 0, unowned: [], unownedCount: 0, waiting: [], waitingCount: 0 };
const QUIET = status({
  items: [],
  itemsCount: 0,
  operations: [],
  operationsCount: 0,
  done: [],
  readings: [],
  observations: [{ ...OBSERVATION, health: "ok" }],
  service: { ...SERVICE, key: "blog", name: "Blog" },
});
const HELP = [
  { usage: "/day2 status [service]", sentence: "How everything is, or one service.", group: "Look" },
  { usage: "/day2 own #142", sentence: "Take an item: it is yours, and everybody sees it.", group: "Items" },
  {
    usage: "/day2 scale shop web=4 [for 10m]",
    sentence: "Change how many run; with `for` it is taken back by itself.",
    group: "Actions",
  },
];
const EVENTS = [
  event(
    "item.opened",
    { summary: "38 % of requests fail", severity: "critical" },
    { id: 1, person: null, account: null, surface: "bot" },
  ),
  event("item.taken", {}, { id: 2 }),
  event("item.handed_off", { to: { person: "ben" }, note: "I restarted it twice" }, { id: 3 }),
  event(
    "item.noted",
    { text: "looks like <!channel> the *new* release" },
    { id: 4, person: null, account: "U0FREE0", surface: "command" },
  ),
  event("operation.requested", { action: "rollback", target: "shop/web" }, { id: 5, operation: 17 }),
  event("operation.approved", { approvals: 1, needed: 1 }, { id: 6, operation: 17, person: "ben" }),
  event("item.woke", { to: { person: "ana" } }, { id: 12, person: null, account: null, surface: "bot" }),
  event("item.snoozed", { until: "2026-11-23T06:00:00.000Z", reason: "load test" }, { id: 7 }),
  event("item.resolved", { how: "its check passes again" }, { id: 8, person: null, account: null, surface: "bot" }),
  event("operation.denied", { outcome: "denied: wait for Dana" }, { id: 10, operation: 18, person: "ben" }),
  event(
    "refused",
    { what: "approve op-17", why: "Someone else must decide on your own request." },
    { id: 11, item: null },
  ),
  event(
    "moon.phase-changed",
    { reason: "it was time" },
    { id: 9, person: null, account: null, surface: "bot", item: null },
  ),
];

const DRAWN: Readonly<Record<string, object>> = {
  home: homeTab(desk()),
  "home.quiet": homeTab(desk(EMPTY_DESK)),
  "home.look-only": homeTab(
    desk({ ...EMPTY_DESK, mayAct: false, theirs: new Set(), viewer: null, unowned: [item()], unownedCount: 1 }),
  ),
  "home.nothing-watched": homeTab(desk({ ...EMPTY_DESK, catalog: { services: {}, people: {} } })),
  desk: deskMessage(desk()),
  "desk.quiet": deskMessage(desk(EMPTY_DESK)),
  "desk.nothing-watched": deskMessage(desk({ ...EMPTY_DESK, catalog: { services: {}, people: {} } })),
  items: itemsList(
    "Open items",
    [item(), item({ ...TAKEN, id: 152, severity: "warning", service: null })],
    NAMES,
    NOW,
    9,
  ),
  "items.none": itemsList("Yours", [], NAMES, NOW),
  status: statusMessage(status(), NAMES, NOW),
  "status.quiet": statusMessage(QUIET, NAMES, NOW),
  "status.frozen": statusMessage(
    status({
      freezes: [
        { name: "Weekend", action: null, endsAt: new Date("2026-11-30T08:00:00Z") },
        { name: "Black Friday", action: "rollback", endsAt: new Date("2026-12-01T08:00:00Z") },
      ],
    }),
    NAMES,
    NOW,
  ),
  "status.list": statusList([QUIET, status()], NOW),
  "status.empty": statusList([], NOW),
  owners: ownersMessage(
    [
      { ...status(), changes: [] },
      {
        ...QUIET,
        duties: { patching: { person: "ana" } },
        changes: [{ responsibility: "patching", now: "ana", catalog: "nobody", by: "ben", at: NOW }],
      },
    ],
    NAMES,
  ),
  history: historyMessage("#151", EVENTS, NAMES),
  "history.empty": historyMessage("op-9", [], NAMES),
  digest: digestMessage(digest()),
  "digest.quiet": digestMessage(digest(NONE)),
  help: helpMessage(HELP),
  "help.providers": providersMessage(abilities()),
  "help.verb": verbHelpMessage(HELP[2] ?? { usage: "", sentence: "", group: "" }, [
    "For example `/day2 scale shop web=4 for 2h`.",
  ]),
  problem: problemMessage(
    new Invalid("There is no verb `rollbak <!here>`.", {
      hint: "Did you mean `rollback`? `/day2 help` lists them all.",
    }),
  ),
  "problem.no-hint": problemMessage(new Invalid("That was done already.")),
  broken: brokenMessage("7f3a91"),
  answer: answerMessage("You have #151 now."),
  runbook: runbookMessage("Shop", "https://runbooks.example/shop"),
  "runbook.none": runbookMessage("Shop", undefined),
};

test.each(Object.entries(DRAWN))("%s", async (name, drawn) => {
  await expect(golden(drawn)).toMatchFileSnapshot(goldenFile(name));
});

test("the timeline, line by line", async () => {
  const lines = EVENTS.map((line) => timelineLine(line, NAMES));
  expect(lines.flatMap(checkLimits)).toEqual([]);
  await expect(
    `${lines.map(({ blocks }) => blocks.flatMap((block) => (block.type === "section" ? [block.text?.text] : [])).join("\n")).join("\n---\n")}\n`,
  ).toMatchFileSnapshot("golden/view.timeline.txt");
});

test("every kind of event that the doors write has a sentence of its own", () => {
  const source = new URL("../src/", import.meta.url);
  // What traces say is in OpenTelemetry's words; what Slack calls us by looks alike.
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/^(?:telemetry|slack)\//.test(file),
  );
  const kinds = files.flatMap(
    (file) =>
      readFileSync(new URL(file, source), "utf8").match(/"(?:item|operation|service|catalog|demo)\.[a-z_]+"/g) ?? [],
  );
  const unsaid = [...new Set(kinds)]
    .map((kind) => kind.slice(1, -1))
    .filter((kind) => eventSentence(event(kind), NAMES, "list").includes(`, ${kind.replaceAll(/[._]/g, " ")}`));
  expect(kinds.length).toBeGreaterThan(0);
  expect(unsaid).toEqual([]);
});

test("a thread mentions only who was given the item, and whom it wakes", () => {
  expect(
    EVENTS.map((line) => readAll(timelineLine(line, NAMES)).mentions).filter((mentions) => mentions.length > 0),
  ).toEqual([["<@U0BEN00>"], ["<@U0FREE0>"], ["<@U0ANA00>"]]);
});

test("the digest mentions only who is late", () => {
  expect(readAll(digestMessage(digest())).mentions).toEqual(["<!subteam^S0WEB00>"]);
});

test("the digest's parts come in the order in which they ask for something", () => {
  const headings = digestMessage(digest()).blocks.flatMap((block) =>
    block.type === "section" ? [/^\*([^*]+)\* \(/.exec(block.text?.text ?? "")?.[1]] : [],
  );
  expect(headings).toEqual([
    undefined,
    "Nobody's",
    "Overdue",
    "By owner",
    "Waits for approval",
    "Done by Daytwo alone",
    "Coming up",
  ]);
});

test("everything that is long or hostile still fits, says what it leaves out, and mentions nobody", () => {
  for (let seed = 0; seed < 20; seed++) {
    const text = hostile(seed, 100);
    const items = Array.from({ length: 120 }, (_, id) =>
      item({ id: id + 1, summary: hostile(seed + id, 60), service: text, owner: { person: text } }),
    );
    const operations = items.map(({ id }) =>
      operation({ id, requestedBy: text, environment: text, planHash: null, plan: null, target: text }),
    );
    const service = { ...SERVICE, key: text, name: text, environment: text };
    const facts = { [text]: text };
    const readings = items.map(({ id }) => ({
      key: `${text}${id}`,
      at: NOW,
      reading: { level: "warning", summary: text, evidence: {} } as const,
    }));
    const one = status({
      service,
      items,
      operations,
      readings,
      observations: [
        {
          ...OBSERVATION,
          target: text,
          release: text,
          facts,
          sizes: [{ process: text, wanted: 1, running: 1, healthy: 1 }],
        },
      ],
    });
    const crowded = desk({ mine: items, mineCount: 500, unowned: items, unownedCount: 500, waiting: operations });
    const owners = items.map((each) => ({
      owner: { person: text },
      count: 1,
      critical: 0,
      oldest: [each, each, each],
    }));
    const events = items.map(({ id }) =>
      event(id % 2 === 0 ? "item.noted" : text, { text, reason: text }, { id, surface: text, person: text }),
    );
    for (const drawn of [
      homeTab(crowded),
      deskMessage(crowded),
      itemsList(text, items, NAMES, NOW),
      statusMessage(one, NAMES, NOW),
      statusList(Array<typeof one>(200).fill(one), NOW),
      ownersMessage(
        Array.from({ length: 200 }, () => ({
          ...one,
          duties: { releases: { by: text } },
          changes: [{ responsibility: "releases" as const, now: text, catalog: text, by: text, at: NOW }],
        })),
        NAMES,
      ),
      historyMessage(text, events, NAMES),
      digestMessage(
        digest({
          unowned: items,
          unownedCount: 500,
          overdue: items,
          overdueCount: 500,
          owners,
          waiting: operations,
          alone: items.map(() => text),
          comingUp: items,
          zone: text,
        }),
      ),
      helpMessage(items.map(() => ({ usage: text, sentence: text, group: "Look" }))),
      problemMessage(new Invalid(text, { hint: text })),
    ]) {
      expect(checkLimits(drawn)).toEqual([]);
      const found = readAll(drawn);
      expect({ ...found, mentions: found.mentions.filter((each) => each !== "<@U0ANA00>") }).toMatchObject({
        mentions: [],
        italic: [],
        struck: [],
        pictures: [],
        quotes: 0,
      });
    }
  }
});

test("a list says how many it leaves out", () => {
  const items = Array.from({ length: 300 }, (_, id) => item({ id: id + 1 }));
  const { blocks } = itemsList("Open items", items, NAMES, NOW, 1_000);
  const lines = blocks.flatMap((block) => (block.type === "section" ? (block.text?.text ?? "").split("\n") : []));
  const shown = lines.filter((line) => line.startsWith("🔴")).length;
  expect(shown).toBeGreaterThan(50);
  expect(lines.at(-1)).toBe(`and ${1_000 - shown} more`);
});
