import { expect, test } from "vitest";
import { tourAfter, tourMovedBy, type Deed, type Tour } from "../src/domain/tour.ts";

/** The tour is what the log makes of it. */

const NOTHING: Tour = { take: "open", renew: "open", rollback: "open", digest: "open" };

function deeds(...names: string[]): Deed[] {
  return names.map((name, index) => ({ event: index + 1, name }));
}

const STORIES: readonly (readonly [said: string, deeds: readonly string[], tour: Partial<Tour>])[] = [
  ["nothing was done", [], {}],
  ["an item was taken", ["item.taken"], { take: "done" }],
  ["another action succeeded", ["operation.succeeded scale"], {}],
  ["the certificate was renewed", ["operation.succeeded renew-cert"], { renew: "done" }],
  ["a bad release is out", ["demo.changed bad-release"], { rollback: "under way" }],
  ["it was rolled back", ["demo.changed bad-release", "operation.succeeded rollback"], { rollback: "done" }],
  ["a good release was rolled back", ["operation.succeeded rollback"], {}],
  [
    "a bad release is out after a good one was rolled back",
    ["operation.succeeded rollback", "demo.changed bad-release"],
    { rollback: "under way" },
  ],
  [
    "another bad release followed",
    ["demo.changed bad-release", "operation.succeeded rollback", "demo.changed bad-release"],
    { rollback: "done" },
  ],
  ["the digest was read", ["digest.read", "digest.read"], { digest: "done" }],
  ["the fleet started over with the bad release out", ["demo.changed bad-release", "demo.changed reset"], {}],
  [
    "the fleet started over at the end",
    [
      "item.taken",
      "operation.succeeded renew-cert",
      "demo.changed bad-release",
      "operation.succeeded rollback",
      "digest.read",
      "demo.changed reset",
    ],
    { take: "done", digest: "done" },
  ],
];

test.each(STORIES)("%s", (_, names, tour) => {
  expect(tourAfter(deeds(...names))).toEqual({ ...NOTHING, ...tour });
});

test("only a deed that moves a line counts as news", () => {
  const all = deeds("item.taken", "operation.succeeded scale", "item.taken", "demo.changed bad-release");
  expect([[1], [2], [3], [4], [1, 3], []].map((events) => tourMovedBy(all, events))).toEqual([
    false,
    false,
    false,
    true,
    true,
    false,
  ]);
});
