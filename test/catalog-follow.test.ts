import { expect, test } from "vitest";
import { steady } from "../src/catalog-follow.ts";

/** A file is read while somebody writes it. */

test("a text counts once it was there at two looks in a row, and a half of one never does", () => {
  const watch = steady("old");
  const looks = ["old", "", "ne", "new", "new"].map((text) => watch.isNew(text));
  expect(looks).toEqual([false, false, false, false, true]);
});

test("until it is known it is tried again, and known it is not new any more", () => {
  const watch = steady("old");
  expect(["new", "new", "new"].map((text) => watch.isNew(text))).toEqual([false, true, true]);
  watch.know("new");
  expect(["new", "old", "new", "old", "old"].map((text) => watch.isNew(text))).toEqual([
    false,
    false,
    false,
    false,
    true,
  ]);
});
