import { once } from "node:events";
import type { Pool, Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { doubles, jsons, texts } from "../src/db/arrays.ts";
import { asJson } from "../src/db/json.ts";
import {
  boolean,
  double,
  execute,
  integer,
  json,
  nullable,
  oneOf,
  query,
  queryOne,
  raw,
  Row,
  sql,
  text,
  textArray,
  timestamp,
  transaction,
  uuid,
} from "../src/db/sql.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";

/** Statements keep their values apart, rows are checked against what PostgreSQL says, transactions are whole or nothing. */

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await cloneDatabase();
  pool = openPool(database.url, { options: "" });
});
beforeEach(async () => {
  await pool.query("drop table if exists tries; create table tries (id integer primary key, note text)");
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe("statements", () => {
  test("values are parameters, rows are column lists, pieces are put in with their values renumbered", () => {
    const row = new Row({ id: integer, openedAt: timestamp });
    const condition = sql`note = ${"b"} or note = ${"c"}`;
    expect(sql`select ${row} from ${raw("tries")} where id > ${1} and (${condition}) limit ${5}`).toEqual({
      text: "select id, opened_at from tries where id > $1 and (note = $2 or note = $3) limit $4",
      values: [1, "b", "c", 5],
    });
    expect(row.list("t")).toBe("t.id, t.opened_at");
  });

  test("what looks like SQL stays a value", async () => {
    const nasty = `'); drop table tries; --\\ $1 "`;
    await execute(pool, sql`insert into tries (id, note) values (${1}, ${nasty})`);
    expect(await queryOne(pool, new Row({ note: text }), sql`select note from tries`)).toEqual({ note: nasty });
  });

  test("the number of touched rows, one row or none", async () => {
    expect(await execute(pool, sql`insert into tries (id) values (1), (2), (3)`)).toBe(3);
    expect(await execute(pool, sql`delete from tries where id > ${1}`)).toBe(2);
    expect(await queryOne(pool, new Row({ id: integer }), sql`select id from tries where id = ${9}`)).toBeNull();
  });
});

describe("rows", () => {
  test("every kind of column", async () => {
    const row = new Row({
      aText: text,
      aBoolean: boolean,
      anInteger: integer,
      aBigint: integer,
      aDouble: double,
      aNumeric: double,
      aTimestamp: timestamp,
      aUuid: uuid,
      someTexts: textArray,
      aJson: json<{ readonly a: readonly number[] }>(),
      aWord: oneOf(["yes", "no"]),
      nothing: nullable(text),
    });
    const [found] = await query(
      pool,
      row,
      sql`select 'ä'::text as a_text, true as a_boolean, 7 as an_integer, 9007199254740991::bigint as a_bigint, 0.5::float8 as a_double, 1.25::numeric as a_numeric,
            timestamptz '2026-03-01 02:04:00+01' as a_timestamp, '00000000-0000-4000-8000-000000000000'::uuid as a_uuid, array['a', 'b'] as some_texts,
            '{"a": [1, 2]}'::jsonb as a_json, 'yes'::text as a_word, null::text as nothing`,
    );
    expect(found).toEqual({
      aText: "ä",
      aBoolean: true,
      anInteger: 7,
      aBigint: 9_007_199_254_740_991,
      aDouble: 0.5,
      aNumeric: 1.25,
      aTimestamp: new Date("2026-03-01T01:04:00Z"),
      aUuid: "00000000-0000-4000-8000-000000000000",
      someTexts: ["a", "b"],
      aJson: { a: [1, 2] },
      aWord: "yes",
      nothing: null,
    });
  });

  test("a column of another type is found out, even when no row comes back", async () => {
    await expect(query(pool, new Row({ note: integer }), sql`select note from tries`)).rejects.toThrow(
      "column note has type 25, expected 20 or 23",
    );
  });

  test("a column that the statement does not return is found out", async () => {
    await expect(query(pool, new Row({ id: integer, note: text }), sql`select id from tries`)).rejects.toThrow(
      "the statement returns no column note",
    );
  });

  test("a word that is none of those is told, with its column and the words", async () => {
    const failed = await query(
      pool,
      new Row({ word: oneOf(["yes", "no"]) }),
      sql`select 'perhaps'::text as word`,
    ).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      message: "column word cannot be read",
      cause: { message: '"perhaps" is none of yes, no' },
    });
  });

  test("text that PostgreSQL cannot keep is kept without what it cannot keep", async () => {
    const kept = await queryOne(
      pool,
      new Row({ body: json() }),
      sql`select ${asJson({ "a\u0000b": ["half \ud83d pair", "nul \u0000.", "whole 🔴"] })}::jsonb as body`,
    );
    expect(kept).toEqual({ body: { ab: ["half \ufffd pair", "nul .", "whole 🔴"] } });
    const said = ["nul \u0000.", "half \ud83d pair"] as const;
    const bare = sql`select ${said[0]}::text as nul, ${said[1]}::text as half, ${said}::text[] as both`;
    expect(await queryOne(pool, new Row({ nul: text, half: text, both: textArray }), bare)).toEqual({
      nul: "nul .",
      half: "half \ufffd pair",
      both: ["nul .", "half \ufffd pair"],
    });
  });
});

describe("transactions", () => {
  const COUNT = new Row({ count: integer });
  async function count(): Promise<number> {
    return (await queryOne(pool, COUNT, sql`select count(*) as count from tries`))?.count ?? -1;
  }

  test("all or nothing", async () => {
    const failed = transaction(pool, async (db) => {
      await execute(db, sql`insert into tries (id) values (1)`);
      await execute(db, sql`insert into tries (id) values (1)`);
    });
    await expect(failed).rejects.toMatchObject({ code: "23505" });
    expect(await count()).toBe(0);
    expect(await transaction(pool, (db) => execute(db, sql`insert into tries (id) values (1)`))).toBe(1);
    expect(await count()).toBe(1);
  });

  test("of two that wait for each other one is run again, and both are done", async () => {
    await execute(pool, sql`insert into tries (id, note) values (1, ''), (2, '')`);
    const runs: string[] = [];
    const both = Promise.withResolvers<undefined>();
    async function append(name: string, first: number, second: number): Promise<void> {
      await transaction(pool, async (db) => {
        runs.push(name);
        await execute(db, sql`update tries set note = note || ${name} where id = ${first}`);
        if (runs.length === 2) both.resolve(undefined);
        await both.promise;
        await execute(db, sql`update tries set note = note || ${name} where id = ${second}`);
      });
    }
    await Promise.all([append("a", 1, 2), append("b", 2, 1)]);
    expect(runs.length).toBeGreaterThan(2); // who is run again may meet the other once more
    const notes = await query(pool, new Row({ note: text }), sql`select note from tries`);
    expect(notes.map(({ note }) => note.split("").toSorted().join(""))).toEqual(["ab", "ab"]);
  });

  test("what never goes through is given up after five tries", async () => {
    let runs = 0;
    const hopeless = transaction(pool, async (db) => {
      runs += 1;
      await execute(db, sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    });
    await expect(hopeless).rejects.toMatchObject({ code: "40001" });
    expect(runs).toBe(5);
  });

  test("a server that goes away in the middle fails the work, and the connection is not used again", async () => {
    const failed = transaction(pool, async (db) => {
      const me = await queryOne(db, new Row({ pid: integer }), sql`select pg_backend_pid() as pid`);
      const gone = once(db as unknown as Client, "error");
      await pool.query("select pg_terminate_backend($1)", [me?.pid]);
      await gone;
      await execute(db, sql`insert into tries (id) values (1)`);
    });
    await expect(failed).rejects.toThrow(/terminat|not queryable|closed/i);
    expect(await count()).toBe(0);
    expect(await transaction(pool, (db) => execute(db, sql`insert into tries (id) values (1)`))).toBe(1);
  });
});

test("columns of many rows arrive as they were, and without what PostgreSQL cannot keep", async () => {
  const HOSTILE = ["", null, undefined, 'a "b" \\ {c}, NULL', "NULL", "żółw 🐢", "a\u0000b", "half \ud800"];
  const LABELS = HOSTILE.map((value) => ({ value, list: [value ?? null] }));
  const NUMBERS = [0, -1.5, null, undefined, 1_764_460_800_000, 5e-324];
  const { rows } = await pool.query<{ texts: unknown; jsons: unknown; doubles: unknown; none: unknown }>(
    "select $1::text[] as texts, to_jsonb($2::jsonb[]) as jsons, $3::float8[] as doubles, $4::text[] as none",
    [texts(HOSTILE), jsons(LABELS), doubles(NUMBERS), texts([])],
  );
  function kept(value: string | null | undefined): string | null {
    return value?.replaceAll("\u0000", "").toWellFormed() ?? null;
  }
  expect(rows[0]).toEqual({
    texts: HOSTILE.map(kept),
    jsons: HOSTILE.map((value) => ({
      ...(value === undefined ? {} : { value: kept(value) }),
      list: [kept(value)],
    })),
    doubles: NUMBERS.map((number) => number ?? null),
    none: [],
  });
});
