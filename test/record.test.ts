import { Client, type Pool } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { describeVerified } from "../src/cli/audit.ts";
import { openPool } from "../src/db/open.ts";
import { openLog } from "../src/log.ts";
import { sealed, sealEvents, verify } from "../src/record.ts";
import { becomeSealer, takeUnsealed } from "../src/store/seals.ts";
import { daytwo, type Ended } from "./support/daytwo.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { often } from "./support/often.ts";

/** The record: events are sealed after commit, each once, and whatever is changed afterwards is found. */

const AT = new Date("2026-03-02T10:00:00.000Z");

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await cloneDatabase();
  pool = openPool(database.url, openLog("silent"));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await forge("truncate events, event_seals, events_to_seal");
});

/** What nobody may: somebody with every right who also turned the triggers off. */
async function forge(statement: string, values: unknown[] = []): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("set session_replication_role = replica");
    await client.query(statement, values);
  } finally {
    await client.query("set session_replication_role = origin");
    client.release();
  }
}

async function write(db: Pick<Client, "query">, count: number): Promise<void> {
  await db.query(
    `insert into events (at, kind, item, service, person, surface, detail)
     select $1::timestamptz + n * interval '1 second', 'item.note', n, 'shop', 'olga', 'card', jsonb_build_object('n', n)
     from generate_series(1, $2::int) n`,
    [AT, count],
  );
}

async function seal(batch?: number): Promise<void> {
  while (await sealEvents({ db: pool, now: () => AT }, batch));
}

test("many events at once are sealed in time, although the planner saw none waiting when it last looked", async () => {
  await pool.query("update pg_class set reltuples = 0, relpages = 10 where oid = 'events_to_seal'::regclass");
  await write(pool, 20_000);
  expect(await sealEvents({ db: pool, now: () => AT })).toBe(true);
  expect(await sealed(pool)).toMatchObject({ head: { seq: 1_000 }, behind: 19_000 });
});

/** A sealer that has taken its events and is killed before it commits; false where it was not its turn. */
async function dieWhileSealing(): Promise<boolean> {
  const client = new Client({ connectionString: database.url, options: "-c search_path=daytwo" });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("begin");
  const took = (await becomeSealer(client)) && (await takeUnsealed(client, 7)).length > 0;
  await client.query("select pg_terminate_backend(pg_backend_pid())").catch(() => undefined);
  await client.end().catch(() => undefined);
  return took;
}

test("an empty log has nothing changed", async () => {
  await seal();
  expect(describeVerified(await verify(pool))).toBe("Nothing was changed: no event is sealed yet.");
});

test("a long log is sealed and walked in batches; what is not sealed yet is counted", async () => {
  await write(pool, 2_345);
  await seal(100);
  await write(pool, 3);
  const found = await verify(pool, { batch: 100 });
  expect(found).toMatchObject({ good: 2_345, behind: 3, problem: null });
  expect(await sealed(pool)).toMatchObject({ head: { seq: 2_345, hash: found.head }, behind: 3 });
  expect(describeVerified(found)).toContain("Nothing was changed: 2345 sealed events until 2026-03-02T10:39:05.000Z");
  expect(describeVerified(found)).toContain("; 3 not sealed yet.");
});

test("a head that somebody kept is known for ever, another one is not", async () => {
  await write(pool, 5);
  await seal();
  const kept = (await sealed(pool)).head.hash.slice(0, 12);
  await write(pool, 5);
  await seal();
  expect((await verify(pool, { wanted: kept })).knowsHead).toBe(true);
  await forge("delete from event_seals where seq >= 5");
  await forge("delete from events where id in (select id from events order by id offset 4)");
  const cut = await verify(pool, { wanted: kept });
  expect(cut).toMatchObject({ problem: null, knowsHead: false }); // the chain alone cannot know what came after its end
});

test("seals refuse change as events do", async () => {
  await write(pool, 2);
  await seal();
  for (const statement of ["update event_seals set hash = ''", "delete from event_seals", "truncate event_seals"])
    await expect(pool.query(statement)).rejects.toThrow("event_seals are append-only");
});

test("transactions that commit out of order, several sealers, one of them killed: every event is sealed once", async () => {
  const writers = Array.from({ length: 6 }, async () => {
    const client = new Client({ connectionString: database.url, options: "-c search_path=daytwo" });
    await client.connect();
    for (let round = 0; round < 12; round += 1) {
      await client.query("begin");
      await write(client, 3);
      await client.query("select pg_sleep(random() * 0.03)"); // ids are taken; commits come in another order
      await client.query(round % 5 === 4 ? "rollback" : "commit");
    }
    await client.end();
  });
  let writing = true;
  const sealers = Array.from({ length: 2 }, async () => {
    while (writing) await sealEvents({ db: pool, now: () => AT }, 7);
  });
  const killer = (async () => {
    while (writing) await dieWhileSealing();
  })();
  await Promise.all(writers);
  writing = false;
  await Promise.all([...sealers, killer]);
  await write(pool, 3);
  expect(await dieWhileSealing()).toBe(true); // now it surely is its turn
  await seal();
  expect(await verify(pool)).toMatchObject({ good: 6 * 10 * 3 + 3, behind: 0, problem: null });
});

const LENGTH = 40;
const SEED = Number(process.env["SEED"] ?? 20260302);

/** Edits of link `n` (1 is the oldest; its event has id `id`, `other` is the id of a younger event), and what verify says. */
type Forgery = { readonly does: string; readonly statements: readonly string[]; readonly says: string };

function forgeries(n: number, id: number, other: number): Forgery[] {
  const changed = `event ${id} or its seal ${n} was changed`;
  const events = [
    ["at", "at + interval '1 microsecond'"],
    ["kind", "kind || '.'"],
    ["item", "coalesce(item, 0) + 1"],
    ["item", "null"],
    ["operation", "7"],
    ["service", "'Shop'"],
    ["service", "null"],
    ["person", "'otto'"],
    ["account", "''"],
    ["surface", "'modal'"],
    ["detail", `detail || '{"x": null}'`],
    ["detail", "'{}'"],
  ].map(([name, value]) => ({
    does: `events.${name} = ${value}`,
    statements: [`update events set ${name} = ${value} where id = ${id}`],
    says: changed,
  }));
  return [
    ...events,
    {
      does: "two columns change places",
      statements: [`update events set person = service, service = person where id = ${id}`],
      says: changed,
    },
    {
      does: "events.id",
      statements: [
        `with gone as (delete from events where id = ${id} returning *)
         insert into events overriding system value
         select id + 100000, at, kind, item, operation, service, person, account, surface, detail from gone`,
      ],
      says: `event ${id} (seal ${n}) was removed`,
    },
    {
      does: "seals.hash",
      statements: [`update event_seals set hash = repeat('a', 64) where seq = ${n}`],
      says: changed,
    },
    {
      does: "seals.sealed_at",
      statements: [`update event_seals set sealed_at = sealed_at + interval '1 microsecond' where seq = ${n}`],
      says: changed,
    },
    {
      does: "seals.event",
      statements: [`update event_seals set event = event + 100000 where seq = ${n}`],
      says: `event ${id + 100_000} (seal ${n}) was removed`,
    },
    {
      does: "seals.seq",
      statements: [`update event_seals set seq = seq + 100000 where seq = ${n}`],
      says: `seal ${n} was removed`,
    },
    {
      does: "the event goes",
      statements: [`delete from events where id = ${id}`],
      says: `event ${id} (seal ${n}) was removed`,
    },
    {
      does: "event and seal go",
      statements: [`delete from events where id = ${id}`, `delete from event_seals where seq = ${n}`],
      says: `seal ${n} was removed`,
    },
    {
      does: "two events change places",
      statements: [
        `update event_seals set event = -event where event in (${id}, ${other})`,
        `update event_seals set event = case event when -${id} then ${other} else ${id} end where event < 0`,
      ],
      says: `event ${other} or its seal ${n} was changed`,
    },
    {
      does: "two events change what they say",
      statements: [
        `update events e set at = o.at, detail = o.detail from events o
         where (e.id, o.id) in ((${id}, ${other}), (${other}, ${id}))`,
      ],
      says: changed,
    },
    {
      does: "a seal is put in between",
      statements: [
        `update event_seals set seq = -seq - 1 where seq >= ${n}`,
        `update event_seals set seq = -seq where seq < 0`,
        `insert into events (id, at, kind, surface) overriding system value values (100000, now(), 'item.note', 'card')`,
        `insert into event_seals values (${n}, 100000, now(), repeat('a', 64))`,
      ],
      says: `event 100000 or its seal ${n} was changed`,
    },
  ];
}

test("each of many forgeries is found at its place", async () => {
  await write(pool, LENGTH);
  await seal();
  const ids = (await pool.query<{ event: string }>("select event from event_seals order by seq")).rows.map((row) =>
    Number(row.event),
  );
  await pool.query("create table kept_events as table events");
  await pool.query("create table kept_seals as table event_seals");
  const random = randomOf(SEED);
  for (let trial = 0; trial < often(1_000); trial += 1) {
    const n = 1 + random(LENGTH - 1);
    const other = n + 1 + random(LENGTH - n);
    const all = forgeries(n, ids[n - 1] ?? 0, ids[other - 1] ?? 0);
    const forgery = all[random(all.length)];
    if (forgery === undefined) throw new Error("no forgery was drawn");
    await forge(forgery.statements.join("; "));
    const found = await verify(pool, { batch: 1 + random(LENGTH) });
    expect(found.problem, `seed ${SEED}, trial ${trial}: ${forgery.does}`).toContain(forgery.says);
    expect(found.good, `seed ${SEED}, trial ${trial}: ${forgery.does}`).toBe(n - 1);
    await forge(`truncate events, event_seals; insert into events overriding system value table kept_events;
                 insert into event_seals table kept_seals`);
  }
  expect((await verify(pool)).problem).toBeNull();
}, 300_000);

test("what is beside the chain is found too", async () => {
  await write(pool, 3);
  await seal();
  await forge("insert into events (at, kind, surface) values (now(), 'item.note', 'card')");
  expect((await verify(pool)).problem).toMatch(/^event \d+ was inserted beside the log/);
  await forge("truncate events, event_seals");
  await write(pool, 3);
  await forge("delete from events where id = (select min(id) from events)");
  await seal(); // the debt of an event that is gone stays, and tells on whoever removed it
  expect((await verify(pool)).problem).toMatch(/^event \d+ was removed before it was sealed/);
});

/** Whole numbers below `below`, the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("`daytwo audit verify` says it in a sentence, and to a script by its exit status", async () => {
  await write(pool, 3);
  await seal();
  const { head } = await sealed(pool);
  const good = await command("verify", "--head", head.hash.slice(0, 12));
  expect(good.stdout).toMatch(/^Nothing was changed: 3 sealed events until .*\nHead [0-9a-f]{12} is in the chain\.\n$/);
  expect(good.code).toBe(0);
  expect(await command("verify", "--head", "0".repeat(12))).toMatchObject({ code: 1 });
  await forge("update events set person = 'otto' where id = (select max(id) from events)");
  const bad = await command("verify");
  expect(bad.stdout).toMatch(
    /^The log was changed: event \d+ or its seal 3 was changed .*; the 2 sealed events before/,
  );
  expect(bad.code).toBe(1);
  for (const wrong of [[], ["export"], ["verify", "--hed"], ["verify", "--head", "latest"]])
    expect(await command(...wrong)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Like this: daytwo audit"),
    });
});

function command(...words: string[]): Promise<Ended> {
  return daytwo(["audit", ...words], { env: { DATABASE_URL: database.url } });
}
