import { expect, test } from "vitest";
import type { ProcessFacts } from "../src/domain/catalog.ts";
import { usesOf } from "../src/domain/resource-use.ts";

/** What a change of size takes beside time. */

const FACTS: Readonly<Record<string, ProcessFacts>> = {
  web: { connections: 5, monthly: { amount: 25, currency: "EUR" } },
  worker: { connections: 2, monthly: { amount: 7.25, currency: "USD" } },
  cron: { connections: 0 },
};
const ROOM = { database: "the database of shop", used: 90, usable: 97 };

function said(sizes: Record<string, [number, number]>, rooms = [ROOM], facts = FACTS) {
  const changes = Object.fromEntries(
    Object.entries(sizes).map(([process, [before, after]]) => [process, [`${before}`, `${after}`] as const]),
  );
  const wanted = Object.fromEntries(Object.entries(sizes).map(([process, [, after]]) => [process, after]));
  const { words, overfills } = usesOf({ action: "scale", arguments: { sizes: wanted }, changes }, facts, rooms);
  return overfills ? [...words, "overfills"] : words;
}

test("what is added is counted against what is free", () => {
  expect(said({ web: [2, 3] })).toEqual([
    "up to 5 more connections; the database of shop has 7 of 97 connections free",
    "about 25 EUR a month more",
  ]);
  expect(said({ web: [2, 3], worker: [1, 2] })).toEqual([
    "up to 7 more connections; the database of shop has 7 of 97 connections free",
    "about 25 EUR a month more",
    "about 7.25 USD a month more",
  ]);
  expect(said({ web: [2, 4] })).toEqual([
    "up to 10 more connections; the database of shop has 7 of 97 connections free, which is too few",
    "about 50 EUR a month more",
    "overfills",
  ]);
});

test("storage opens no connections", () => {
  const plan = { action: "scale", arguments: { sizes: { storage: 200 } }, unit: "GiB" } as const;
  expect(usesOf({ ...plan, changes: { storage: ["100 GiB", "200 GiB"] } }, FACTS, [ROOM])).toEqual({
    words: [],
    overfills: false,
  });
});

test("each database is told, and a full one has none free", () => {
  const full = { database: "the database of mail", used: 12, usable: 10 };
  expect(said({ worker: [1, 2] }, [ROOM, full])).toEqual([
    "up to 2 more connections; the database of shop has 7 of 97 connections free",
    "up to 2 more connections; the database of mail has 0 of 10 connections free, which is too few",
    "about 7.25 USD a month more",
    "overfills",
  ]);
});

test("what goes down frees money and says nothing of connections; what is not known is not guessed", () => {
  expect(said({ web: [4, 2] })).toEqual(["about 50 EUR a month less"]);
  expect(said({ cron: [1, 2] })).toEqual([]);
  expect(said({ other: [1, 2] })).toEqual([
    "connections, and the catalog does not say how many; the database of shop has 7 of 97 connections free",
  ]);
  expect(said({ other: [1, 2] }, [])).toEqual([]);
  expect(said({ web: [2, 2] })).toEqual([]);
});

test("other actions take nothing that is counted", () => {
  expect(
    usesOf({ action: "rollback", arguments: { release: "v1" }, changes: { release: ["v2", "v1"] } }, FACTS, [ROOM]),
  ).toEqual({
    words: [],
    overfills: false,
  });
});

test("an autoscaler's bounds count as the process itself, once", () => {
  expect(said({ "web.min": [2, 3] })).toEqual(said({ web: [2, 3] }));
  expect(said({ "web.min": [2, 4], "web.max": [3, 4] })).toEqual(said({ web: [2, 4] }));
  expect(said({ "web.max": [4, 2] })).toEqual(said({ web: [4, 2] }));
});
