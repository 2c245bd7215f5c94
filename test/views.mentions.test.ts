import { expect, test } from "vitest";
import { ITEM_STATES } from "../src/domain/item.ts";
import { OPERATION_STATES } from "../src/domain/operation.ts";
import { bulkMessage } from "../src/slack/bulk-message.ts";
import { deskMessage } from "../src/slack/desk-message.ts";
import { digestMessage } from "../src/slack/digest-message.ts";
import { SENTENCES, eventSentence } from "../src/slack/events/sentence.ts";
import { historyMessage } from "../src/slack/history-message.ts";
import { homeTab } from "../src/slack/home-tab.ts";
import { itemCard } from "../src/slack/item-card.ts";
import { itemsList } from "../src/slack/items-list.ts";
import { newsMessage } from "../src/slack/operation-news-message.ts";
import { operationCard } from "../src/slack/operation-card.ts";
import { stillMessage } from "../src/slack/still-on-it-message.ts";
import { timelineLine } from "../src/slack/timeline-line.ts";
import { desk } from "./views.desk.ts";
import { readAll } from "./views.reader.ts";
import { digest } from "./views.digest-value.ts";
import { NAMES, NOW, TAKEN, at, event, item, itemCardOf, operation, operationCardOf } from "./views.values.ts";

/** Nobody is pinged who need not act, and whoever just acted never is: over everything that stays in Slack. */

const [ANA, BEN, WEB] = ["<@U0ANA00>", "<@U0BEN00>", "<!subteam^S0WEB00>"];

/** Every kind of event that has a sentence. */
const KINDS = Object.keys(SENTENCES);

const WINDOW_DETAIL = { window: 3, of: "maintenance", name: "x", from: at("02:00"), until: at("04:00") };

/** What somebody did, with both of them in every place where a kind may name people. */
function details(to: object): Readonly<Record<string, unknown>> {
  return {
    ...WINDOW_DETAIL,
    to,
    taken: true,
    asked: true,
    was: "ana",
    person: "ana",
    people: ["ana", "ben"],
    by: "ana",
    reason: "x",
  };
}

test("there are kinds to look at", () => {
  expect(KINDS.length).toBeGreaterThan(45);
  expect(KINDS).toContain("item.still_on");
});

test.each(KINDS)("%s, in a thread, in the record and directly", (kind) => {
  const receives = ["item.handed_off", "item.released", "item.woke"].includes(kind);
  for (const [to, called] of [
    [{ person: "ben" }, [BEN]],
    [{ team: "web" }, [WEB]],
    [{ person: "ana" }, []],
  ] as const) {
    const line = event(kind, details(to), { operation: 17 });
    expect(readAll(timelineLine(line, NAMES)).mentions).toEqual(receives ? called : []);
    expect(readAll(newsMessage(line, operation(), NAMES)).mentions).toEqual([]);
    expect(readAll(historyMessage("#151", [line], NAMES)).mentions).toEqual([]);
  }
});

test("somebody whom only Slack knows is called by name while the catalog has no people, also for what they did", () => {
  const names = { people: { U0FREE0: { slack: "U0FREE0", name: "Freya" } }, teams: {} };
  const line = event("item.handed_off", { to: { person: "U0FREE0" } }, { person: null, account: "U0FREE0" });
  expect(readAll(timelineLine(line, names)).mentions).toEqual([]);
  expect(eventSentence(line, names, "thread")).toBe("Freya handed it to Freya");
});

test("an item's card calls whose it is, or would be; nobody once it is done, and never who looked or called it noise", () => {
  for (const state of ITEM_STATES) {
    const noise = { by: "ben", count: 2 };
    const seen = { state, acknowledgedBy: "ben", acknowledgedAt: at("02:08"), acknowledgedUntil: at("03:08") };
    const done = state === "resolved" ? { resolvedAt: NOW, resolvedBy: "ana" } : {};
    const mentions = [null, { person: "ana" } as const, { team: "web" } as const].map(
      (owner) => readAll(itemCard(itemCardOf({ ...seen, ...done, owner, ownedSince: null }, { noise }))).mentions,
    );
    expect(mentions).toEqual(state === "resolved" ? [[], [], []] : [[WEB], [ANA], [WEB]]);
  }
});

test("an operation's card calls who may still decide, and neither who asked for it nor who has decided", () => {
  for (const state of OPERATION_STATES) {
    const open = operationCardOf({ state, requestedBy: "ana" }, { approvers: ["ben", "cleo"] });
    const decided = operationCardOf(
      { state, approvals: 2 },
      { approvers: ["ben"], decisions: [{ person: "ben", verdict: "approved", reason: null, at: NOW, planHash: "x" }] },
    );
    expect(readAll(operationCard(open)).mentions).toEqual(state === "awaiting_approval" ? [BEN] : []);
    expect(readAll(operationCard(decided)).mentions).toEqual([]);
    const alone = readAll(operationCard({ ...open, alone: ["ana"] })).mentions;
    expect(alone).toEqual(state === "awaiting_approval" ? [BEN, ANA] : []);
  }
});

test("lists, Home, the question whether somebody is still on it and what became of many call nobody", () => {
  const theirs = item(TAKEN);
  const many = {
    done: [1],
    held: [{ who: "ben", count: 2 }],
    yours: [2],
    resolved: [],
    missing: [],
    denied: [],
    left: 3,
  };
  for (const drawn of [
    homeTab(
      desk({ mine: [theirs], done: [item({ ...TAKEN, state: "resolved", resolvedAt: NOW, resolvedBy: "ben" })] }),
    ),
    deskMessage(desk({ mine: [theirs] })),
    itemsList("Yours", [theirs], NAMES, NOW),
    stillMessage({ item: theirs, serviceName: "shop", names: NAMES, until: NOW, answer: null }),
    stillMessage({ item: theirs, serviceName: "shop", names: NAMES, until: NOW, answer: event("item.still_on") }),
    bulkMessage("own", many, NAMES, "/day2 own shop"),
  ])
    expect(readAll(drawn).mentions).toEqual([]);
});

test("the digest calls only whoever is late", () => {
  expect(readAll(digestMessage(digest())).mentions).toEqual([WEB]);
  expect(readAll(digestMessage(digest({ overdue: [], overdueCount: 0 }))).mentions).toEqual([]);
});
