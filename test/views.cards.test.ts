import { expect, test } from "vitest";
import type { ItemCard } from "../src/domain/board/item-card.ts";
import type { StillCard } from "../src/domain/board/still-on-it-card.ts";
import { ITEM_STATES, SEVERITIES, type Item } from "../src/domain/item.ts";
import { stormSaid } from "../src/domain/storm.ts";
import { withPosting } from "../src/slack/blocks.ts";
import { postingOf } from "../src/slack/ids.ts";
import { itemCard } from "../src/slack/item-card.ts";
import { checkLimits } from "../src/slack/limits.ts";
import { operationCard } from "../src/slack/operation-card.ts";
import { stillMessage } from "../src/slack/still-on-it-message.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { hostile, readAll } from "./views.reader.ts";
import {
  BEFORE,
  NAMES,
  NOW,
  PLAN,
  TAKEN,
  at,
  event,
  item,
  itemCardOf,
  operation,
  operationCardOf,
} from "./views.values.ts";

const ITEM_CARDS: Readonly<Record<string, ItemCard>> = {
  unowned: itemCardOf(),
  "unowned-warning-without-duty": itemCardOf(
    { severity: "warning", seen: 1, service: null },
    { serviceName: null, duty: null, runbook: null, before: null, fitting: [] },
  ),
  "unowned-outside-duty": itemCardOf({ responsibility: "patching" }, { duty: { by: "heroku" } }),
  "seen-not-theirs": itemCardOf({ acknowledgedBy: "ben", acknowledgedAt: at("02:08"), acknowledgedUntil: at("03:08") }),
  "owned-by-team": itemCardOf({ owner: { team: "web" } }),
  "owned-by-default": itemCardOf({ owner: { person: "ana" } }),
  taken: itemCardOf(TAKEN),
  "of-alerts": itemCardOf(
    { origin: "alert", fingerprint: "alert/prom/1", summary: "Down: several alerts", evidence: {} },
    {
      alerts: {
        firing: 12,
        told: 0,
        shown: [
          { summary: "web-1 is down", link: null, runbook: "javascript:alert(1)" },
          {
            summary: "web-2 is *down*",
            link: "https://prom.example.com/graph?g0.expr=up&g0.tab=1",
            runbook: "https://runbooks.example.com/down",
          },
          { summary: "web-3 is down", link: null, runbook: null },
        ],
      },
    },
  ),
  "of-alerts-of-nobody": itemCardOf(
    { origin: "alert", fingerprint: "alert/prom/2", service: null, summary: "who am I" },
    {
      serviceName: null,
      duty: null,
      runbook: null,
      before: null,
      fitting: [],
      alerts: { firing: 1, told: 0, shown: [{ summary: "who am I", link: "javascript:alert(1)", runbook: null }] },
    },
  ),
  "taken-nothing-fits": itemCardOf(TAKEN, { fitting: [] }),
  "taken-two-targets": itemCardOf(TAKEN, {
    fitting: [
      { action: "restart", target: "shop/web" },
      { action: "restart", target: "shop/jobs" },
    ],
  }),
  "taken-with-task": itemCardOf(TAKEN, {
    fitting: [
      { action: "restart", target: "shop/web" },
      { action: "run", target: "shop/web", task: "clear-cache" },
    ],
  }),
  "handed-off": itemCardOf({ owner: { person: "ben" }, ownedSince: at("02:20") }),
  "with-operation": itemCardOf(TAKEN, { operations: [operation({ state: "running" })] }),
  snoozed: itemCardOf({ ...TAKEN, state: "snoozed", snoozedUntil: at("06:00") }),
  "to-be-taken-back": owedBack({ summary: "temporary: web 4 → 2 goes back by itself" }),
  "not-taken-back": owedBack({ dueAt: null, summary: "op-18 was not taken back: web is 6 and not 4 as op-18 left it" }),
  "just-before": itemCardOf(TAKEN, {
    before: {
      news: [
        { at: at("02:03"), dated: false, place: "shop-db", what: "another change (version 7 → 8)", by: null },
        { at: at("02:01"), dated: true, place: null, what: "op-17 Scale shop web 2 → 4", by: { person: "ana" } },
        { at: at("01:58"), dated: true, place: null, what: "release v142", by: { by: "Dana" } },
      ],
      more: 2,
      watched: { since: null },
      blind: [{ place: "mail", why: "not reached" }],
    },
    neighbours: {
      shown: [
        {
          place: "shop-db",
          summary: "97 of 100 connections in use (limit 90 %), 61 from web v142, idle in transaction",
        },
        { place: null, summary: "certificate expires in 6 days (90-day certificate)" },
      ],
      more: 1,
    },
  }),
  "nothing-before": itemCardOf(TAKEN, { before: { ...BEFORE, news: [] } }),
  "nothing-before-since": itemCardOf(TAKEN, { before: { ...BEFORE, news: [], watched: { since: at("01:40") } } }),
  "nothing-in-sight": itemCardOf(TAKEN, {
    before: {
      news: [],
      more: 0,
      watched: null,
      blind: [
        { place: "shop", why: "no target" },
        { place: "shop-db", why: "never looked at" },
        { place: "mail", why: "not looked at lately" },
      ],
    },
  }),
  "came-back": itemCardOf({ follows: 140 }),
  "called-noise": itemCardOf({ seen: 4 }, { noise: { by: "ana", count: 3 } }),
  storm: itemCardOf(
    {
      fingerprint: "storm:#ops",
      origin: "alert",
      service: null,
      owner: null,
      ...stormSaid(
        [
          { name: "Shop", all: 149, open: 140, critical: 2 },
          { name: "shop-db", all: 50, open: 0, critical: 0 },
          { name: null, all: 3, open: 3, critical: 0 },
        ],
        [item({ id: 152, summary: "*down*" }), item({ id: 153, service: null, summary: "lost" })],
      ),
    },
    { serviceName: null, duty: null, runbook: null, before: null, fitting: [] },
  ),
  flapping: itemCardOf({ flappingSince: at("02:04"), wellSince: at("02:24") }, { flapped: 5 }),
  "cause-of-others": itemCardOf(
    {},
    {
      folds: {
        open: 5,
        shown: [
          { id: 152, serviceName: "Blog *beta*" },
          { id: 153, serviceName: null },
        ],
      },
    },
  ),
  folded: itemCardOf({ foldedUnder: 140 }),
  "review-due": itemCardOf({ fingerprint: "alone/17", origin: "operation" }, { fitting: [] }),
  "resolved-by-check": itemCardOf(
    { ...TAKEN, state: "resolved", resolvedAt: at("02:25"), resolution: "its check passes again after op-17" },
    { operations: [operation({ state: "succeeded" })] },
  ),
  "resolved-by-person": itemCardOf({
    state: "resolved",
    resolvedAt: at("02:25"),
    resolvedBy: "ben",
    resolution: "known, the load test of tonight",
  }),
};

test.each(Object.entries(ITEM_CARDS))("item card, %s", async (name, card) => {
  await expect(golden(itemCard(card))).toMatchFileSnapshot(goldenFile(`item-card.${name}`));
});

const ASKED = { item: item(TAKEN), serviceName: "shop", names: NAMES, until: at("03:10"), answer: null };
const STILL: Readonly<Record<string, StillCard>> = {
  asked: ASKED,
  "kept-on": { ...ASKED, answer: event("item.still_on", { until: at("04:10").toISOString() }) },
  "given-back": { ...ASKED, answer: event("item.released", { taken: true, to: { team: "web" } }) },
  silent: {
    ...ASKED,
    answer: event("item.acknowledgement_ended", { was: "ana", asked: true }, { person: null, account: null }),
  },
};

test.each(Object.entries(STILL))("whether somebody is still on it, %s", async (name, card) => {
  await expect(golden(stillMessage(card))).toMatchFileSnapshot(goldenFile(`still.${name}`));
});

test("every item card leads with what and where, and offers something to do until it is resolved", () => {
  for (const state of ITEM_STATES) {
    for (const severity of SEVERITIES) {
      for (const owner of [null, { team: "web" }, { person: "ana" }]) {
        for (const acknowledgedBy of [null, "ana"]) {
          const { text, blocks } = itemCard(itemCardOf({ state, severity, owner, acknowledgedBy }));
          expect(text).toContain("#151 shop · 38 % of requests fail (limit 2 %)");
          const rows = blocks.filter((block) => block.type === "actions");
          expect(rows).toHaveLength(state === "resolved" ? 0 : 1);
          expect(rows.map((row) => row.elements.map((element) => element.type))).toEqual(
            state === "resolved" ? [] : [["button", "button", "overflow"]],
          );
        }
      }
    }
  }
});

test("an item card mentions only its owner, or who answers for it", () => {
  expect(readAll(itemCard(itemCardOf())).mentions).toEqual(["<!subteam^S0WEB00>"]);
  expect(readAll(itemCard(itemCardOf(TAKEN))).mentions).toEqual(["<@U0ANA00>"]);
  expect(
    readAll(itemCard(itemCardOf({ ...TAKEN, state: "resolved", resolvedAt: NOW, resolvedBy: "ben" }))).mentions,
  ).toEqual([]);
});

test("cards stay within Slack's limits and mention nobody whatever they are told", () => {
  for (let seed = 0; seed < 100; seed++) {
    const text = hostile(seed, 120);
    const facts = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`${text} ${index}`, hostile(seed + index, 120)]),
    );
    const plan = {
      ...PLAN,
      title: text,
      reasons: Array<string>(9).fill(text),
      stays: Array<string>(9).fill(text),
      changes: { [text]: [text, text] as const },
    };
    const told = operation({ plan, outcome: text, environment: text, state: "failed" });
    const shown = itemCard(
      itemCardOf(
        { summary: text, evidence: facts },
        {
          serviceName: text,
          duty: { by: text },
          runbook: `https://runbooks.example/${text}`,
          before: {
            news: Array(3).fill({ at: NOW, dated: false, place: text, what: text, by: { by: text } }),
            more: 9,
            watched: null,
            blind: Array(9).fill({ place: text, why: "no target" }),
          },
          neighbours: { shown: Array(2).fill({ place: text, summary: text }), more: 7 },
          operations: Array(5).fill(told),
        },
      ),
    );
    const decisions = Array(3).fill({ person: "ben", verdict: "denied", reason: text, at: NOW });
    const progress = Array(8).fill({ at: NOW, text });
    const ended = operationCard(
      operationCardOf(
        { ...told },
        {
          serviceName: text,
          decisions,
          progress,
          needsPerson: { target: text, sentAt: NOW, seen: text, lookingSince: null },
          approvers: [],
        },
      ),
    );
    const asks = operationCard(
      operationCardOf(
        { plan, environment: text },
        { serviceName: text, decisions, approvers: Array<string>(40).fill("cleo") },
      ),
    );
    const still = stillMessage({ ...ASKED, item: item({ summary: text }), serviceName: text });
    for (const card of [shown, ended, asks, still]) {
      expect(checkLimits(card)).toEqual([]);
      const found = readAll(card);
      const links = found.links.filter((each) => !/^<https:..runbooks[.]example[^<>|]*[|]Runbook>$/.test(each));
      expect({ ...found, links, bold: [], code: [], dates: 0 }).toEqual({
        mentions: [],
        links: [],
        dates: 0,
        bold: [],
        italic: [],
        struck: [],
        code: [],
        pictures: [],
        quotes: 0,
      });
      expect(found.code.every((span) => span === "`/day2 items #151`")).toBe(true);
      expect(card.text).not.toMatch(/<[!@]/);
    }
  }
});

test("a summary with a call to the whole channel calls nobody", () => {
  const card = itemCard(itemCardOf({ summary: "<!channel> look <@U0BEN00> *now*" }, { duty: null }));
  expect(readAll(card).mentions).toEqual([]);
  expect(JSON.stringify(card)).toContain("&lt;!channel&gt; look &lt;@U0BEN00&gt; ∗now∗");
});

test("the posting's number travels in the ids of the button rows", () => {
  const rows = withPosting(itemCard(itemCardOf()), 77).blocks.flatMap((block) =>
    block.type === "actions" ? [block.block_id ?? ""] : [],
  );
  expect(rows.map(postingOf)).toEqual([77]);
  expect(["", "posting.x.1", "posting.0.1", "posting.7"].map(postingOf)).toEqual([null, null, null, null]);
});

function owedBack(more: Partial<Item>): ItemCard {
  const item = { ...TAKEN, origin: "reversal", severity: "warning", reverses: 18, evidence: {}, ...more } as const;
  return itemCardOf(item, { fitting: [], before: null });
}
