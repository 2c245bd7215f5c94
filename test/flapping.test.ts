import { expect, test } from "vitest";
import { flaps } from "../src/domain/flapping.ts";

function at(minute: number): Date {
  return new Date(Date.UTC(2026, 10, 30, 2, minute));
}

test.each([
  ["once is nothing", [50], []],
  ["twice neither", [40, 50], []],
  ["three times within an hour is", [10, 30, 50], [10, 30, 50]],
  ["in whatever order they are known", [50, 10, 30], [10, 30, 50]],
  ["an hour ago is long ago", [-10, 30, 50], []],
  ["of more, those of the hour count", [-20, 0, 10, 30, 50], [0, 10, 30, 50]],
])("%s", (_what, wells, counted) => {
  expect(flaps(wells.map(at), at(50))).toEqual(counted.map(at));
});
