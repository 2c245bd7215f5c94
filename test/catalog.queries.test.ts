import { expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import { PROVIDERS } from "../src/providers/index.ts";

/** What is wrong with a task that is a query, each in the words that people read. */

const DATABASE = "{ provider: postgres, url: { env: U } }";
const FLEET = "{ provider: local, supervisor: 'http://x', application: a, token: { env: T } }";

function problems(task: string, target: string): string[] {
  const text = `services: { a: { targets: { t: ${target} }, tasks: { b: { ${task} } } } }`;
  const read = readCatalog(text, { checks: CHECKS, providers: PROVIDERS });
  return "problems" in read ? read.problems.map(({ message, hint = "" }) => `${message} ${hint}`.trim()) : [];
}

test.each([
  ["query: 'select 1 where x = {n} or y = {n}', arguments: { n: { text: 9, default: -a } }", []],
  [`query: "select split_part('a;b', ';', 1)"`, []],
  ["query: 'select 1', command: [x]", ["A task has either a `command`, or on a database a `query`."]],
  ["command: [x], on: t", ["What `t` is on takes no `command`."]],
  [
    `query: "select '{n}'", arguments: { n: { text: 9 } }`,
    ["In quotes `{n}` would be text. A value needs none: write {n} alone."],
  ],
  ["query: 'select 1; select 2'", ["A query is one statement, without `;`."]],
  [`query: "-- who waits\\n/* for long */ WITH a as (select 1) table a"`, []],
  ["query: '(select 1) union values (2)'", []],
  ["query: 'explain select 1'", ["A query begins with `select`, `with`, `values` or `table`."]],
  ["query: 'delete from jobs'", ["A query begins with `select`, `with`, `values` or `table`."]],
  [`query: "select 'pg_cancel_backend'"`, []],
  [
    `query: 'select PG_CATALOG."pg_terminate_backend" ({n}::int)', arguments: { n: { number: { min: 1, max: 9 } } }`,
    [
      "`pg_terminate_backend` ends something, and here nobody would approve it. `/day2 end` does that, for whoever may.",
    ],
  ],
  [
    "query: 'select {m}', arguments: { n: { text: 9 } }",
    [
      "`{m}` stands for an argument that is not declared. Known: `n`.",
      "The query does not use `{n}`. Put it where it belongs, or take the argument away.",
    ],
  ],
])("%s", (task, said) => {
  expect(problems(task, DATABASE)).toEqual(said);
});

test("only a database is asked", () => {
  expect(problems("query: 'select 1', on: t", FLEET)).toEqual(["What `t` is on takes no `query`."]);
  expect(problems("query: 'select 1'", FLEET)).toEqual([
    "No target of this service can run queries. Declare one under `targets:` first.",
  ]);
});

test("a query is the text with numbered places and the values behind it, and takes nobody's time", () => {
  const text = `services: { a: { targets: { t: ${DATABASE} }, tasks: { b: { query: "select {m}, {n}, {m}", arguments: { n: { text: 9 }, m: { text: 9 } } } } } }`;
  const read = readCatalog(text, { checks: CHECKS, providers: PROVIDERS });
  expect(read).toMatchObject({
    catalog: {
      services: {
        a: { tasks: [{ command: ["select $1, $2, $1", "{m}", "{n}"], isQuery: true, risk: "read", timeout: 30_000 }] },
      },
    },
  });
});
