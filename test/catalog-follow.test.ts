import { expect, onTestFinished, test } from "vitest";
import { steady } from "../src/in-force/follow.ts";
import { catalogFollower } from "../src/in-force.ts";
import { insertAddition } from "../src/store/additions.ts";
import { cloneDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";

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

test("what was added is in force after a look that broke off halfway", async () => {
  const database = await cloneDatabase();
  const pool = openPool(database.url);
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  const follower = catalogFollower(pool);
  await follower.again();
  const [madeAt, url] = [new Date("2026-11-30T02:00:00Z"), "https://shop.example.com/"];
  await insertAddition(pool, { service: "shop", url, madeBy: "U0ANA", madeAt });
  await pool.query("alter table accounts rename column name to other");
  await expect(follower.again()).rejects.toThrow("name");
  await pool.query("alter table accounts rename column other to name");
  await follower.again();
  expect(Object.keys(follower.current().catalog.services)).toEqual(["shop"]);
});
