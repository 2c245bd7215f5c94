import { expect, onTestFinished, test } from "vitest";
import { steady } from "../src/in-force/follow.ts";
import { EMPTY_CATALOG } from "../src/domain/catalog.ts";
import { catalogFollower } from "../src/in-force.ts";
import { saveAccount } from "../src/store/accounts.ts";
import { insertAddition } from "../src/store/additions.ts";
import { endOverride, insertOverride, insertVersion } from "../src/store/catalog.ts";
import { insertStandin } from "../src/store/standins.ts";
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

async function openFollower() {
  const database = await cloneDatabase();
  const pool = openPool(database.url);
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  const follower = catalogFollower(pool);
  await follower.again();
  return { pool, follower };
}

const [MADE_AT, URL] = [new Date("2026-11-30T02:00:00Z"), "https://shop.example.com/"];

test("what was added is in force after a look that broke off halfway", async () => {
  const { pool, follower } = await openFollower();
  await insertAddition(pool, { service: "shop", url: URL, madeBy: "U0ANA", madeAt: MADE_AT });
  await pool.query("alter table accounts rename column name to other");
  await expect(follower.again()).rejects.toThrow("name");
  await pool.query("alter table accounts rename column other to name");
  await follower.again();
  expect(Object.keys(follower.current().catalog.services)).toEqual(["shop"]);
});

test("with people, too, each change is followed, and where nothing changed only that is asked", async () => {
  const { pool, follower } = await openFollower();
  const ana = { key: "ana", name: "Ana", slack: ["U0ANA"], role: "admin", teams: [], services: {} } as const;
  const body = { ...EMPTY_CATALOG, people: { ana } };
  await insertVersion(pool, { source: "test", digest: "test", body, importedAt: MADE_AT });
  await follower.again();
  const covers = {
    service: "shop",
    responsibility: "scaling",
    to: { person: "ana" },
    madeBy: "ana",
    covered: null,
  } as const;
  const away = { kind: "away", rotation: null, person: "ana", covering: null, madeBy: "ana" } as const;
  const account = { team: "T0LOCAL", account: "U0ANA", name: "ana", zone: null, away: null, awayUntil: null } as const;
  const changes = [
    () => insertAddition(pool, { service: "shop", url: URL, madeBy: "U0ANA", madeAt: MADE_AT }),
    () => insertOverride(pool, { ...covers, madeAt: MADE_AT }),
    () => insertStandin(pool, { ...away, startsAt: MADE_AT, endsAt: new Date() }, MADE_AT),
    () => saveAccount(pool, { ...account, kind: "deactivated", fetchedAt: MADE_AT }),
    () => saveAccount(pool, { ...account, kind: "member", fetchedAt: MADE_AT }),
    () => endOverride(pool, "shop", "scaling", MADE_AT),
  ];
  for (const [index, change] of changes.entries()) {
    const before = follower.current();
    await change();
    await follower.again();
    const after = follower.current();
    expect(after, `change ${index}`).not.toEqual(before);
    await follower.again();
    expect(follower.current()).toBe(after);
  }
});
