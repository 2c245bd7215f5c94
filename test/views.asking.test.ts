import { expect, test } from "vitest";
import type { OperationCard } from "../src/domain/board/operation-card.ts";
import { newsMessage } from "../src/slack/operation-news-message.ts";
import { operationCard } from "../src/slack/operation-card.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { readAll } from "./views.reader.ts";
import { NAMES, PLAN, at, operation, operationCardOf } from "./views.values.ts";

/** What a request's card says of those who are asked, and what whoever asked is told. */

const CARDS: Readonly<Record<string, OperationCard>> = {
  "awaiting_approval-rest-later": operationCardOf({}, { approvers: ["ben", "cleo", "dana"], restAt: at("02:13") }),
  "awaiting_approval-asked-twice": operationCardOf(
    {},
    {
      approvers: ["cleo", "ana", "ben"],
      asked: [
        { person: "ben", at: at("02:11") },
        { person: "ana", at: at("02:13") },
      ],
    },
  ),
  "awaiting_approval-alone": operationCardOf(
    { plan: { ...PLAN, restores: true }, aloneAt: at("02:16") },
    { alone: ["ana"] },
  ),
  "running-alone": operationCardOf(
    { state: "running", startedAt: at("02:18") },
    {
      decisions: [
        { person: "ana", verdict: "alone", reason: "the shop is down", planHash: "5d41402abc4b2a76", at: at("02:17") },
      ],
    },
  ),
};

test.each(Object.entries(CARDS))("operation card, %s", async (name, card) => {
  await expect(golden(operationCard(card))).toMatchFileSnapshot(goldenFile(`operation-card.${name}`));
});

test("whoever is not asked yet is named and not mentioned", () => {
  const later = operationCardOf({}, { approvers: ["ben", "ana"], restAt: at("02:13") });
  expect(readAll(operationCard(later)).mentions).toEqual(["<@U0BEN00>"]);
});

test("the news of an operation", async () => {
  const line = {
    id: 9,
    at: at("02:14"),
    kind: "operation.succeeded",
    person: null,
    account: null,
    surface: "bot",
    item: 151,
    operation: 17,
    detail: { outcome: "v141 serves; *all* checks pass" },
  };
  await expect(golden(newsMessage(line, operation({ state: "succeeded" }), NAMES))).toMatchFileSnapshot(
    goldenFile("news"),
  );
});
