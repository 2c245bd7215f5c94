import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { integer, query, Row, sql, text } from "../src/db/sql.ts";
import {
  countByOwner,
  countOverdue,
  countUnresolved,
  dueBetween,
  oldestOfOwners,
  unresolved,
} from "../src/store/item-lists.ts";
import { cloneDatabase, type TestDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";

/** What a digest says of many items comes from counts that are kept beside them: they are exact, whatever happens to the items. */

let database: TestDatabase;
let db: Pool;

beforeAll(async () => {
  database = await cloneDatabase();
  db = openPool(database.url, { max: 8 });
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

/** The same numbers every time: mulberry32. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

const SERVICES = ["shop", "blog", null];
const OWNERS = [
  [null, null],
  ["ana", null],
  ["ben", null],
  [null, "web"],
] as const;

async function insert(roll: (sides: number) => number, count: number): Promise<void> {
  const [person, team] = OWNERS[roll(OWNERS.length)] ?? [null, null];
  await db.query(
    `insert into items (fingerprint, origin, service, responsibility, severity, summary, since, opened_at, last_seen_at, owner_person, owner_team, due_at)
     select gen_random_uuid()::text, 'check', $1, 'on-call', $2, 's', now(), now() - n * interval '1 minute', now(), $3, $4, now() + ($5 - n) * interval '1 hour'
     from generate_series(1, $6) as n`,
    [SERVICES[roll(3)], roll(2) === 0 ? "critical" : "warning", person, team, roll(20), count],
  );
}

const CHANGES: readonly ((roll: (sides: number) => number) => Promise<unknown>)[] = [
  (roll) => insert(roll, 1 + roll(20)),
  (roll) => {
    const [person, team] = OWNERS[roll(OWNERS.length)] ?? [null, null];
    return db.query("update items set owner_person = $1, owner_team = $2 where id % 7 = $3 and state <> 'resolved'", [
      person,
      team,
      roll(7),
    ]);
  },
  (roll) =>
    db.query(
      "update items set severity = case severity when 'critical' then 'warning' else 'critical' end where id % 5 = $1",
      [roll(5)],
    ),
  (roll) =>
    db.query("update items set state = 'resolved', resolved_at = now(), snoozed_until = null where id % 9 = $1", [
      roll(9),
    ]),
  (roll) =>
    db.query("update items set state = 'open', resolved_at = null where id % 9 = $1 and state = 'resolved'", [roll(9)]),
  (roll) => db.query("update items set seen = seen + 1, summary = 'again' where id % 3 = $1", [roll(3)]),
  (roll) => db.query("delete from items where id % 11 = $1", [roll(11)]),
];

const GROUP = new Row({ service: text, person: text, team: text, severity: text, count: integer });

function kept() {
  return query(
    db,
    GROUP,
    sql`select service, owner_person as person, owner_team as team, severity, sum(count)::bigint as count from item_counts
        group by 1, 2, 3, 4 having sum(count) <> 0 order by 1, 2, 3, 4`,
  );
}

function recounted() {
  return query(
    db,
    GROUP,
    sql`select coalesce(service, '') as service, coalesce(owner_person, '') as person, coalesce(owner_team, '') as team, severity, count(*) as count
        from items where state <> 'resolved' group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
  );
}

describe("the counts", () => {
  test("are a recount after every one of 300 changes", async () => {
    const roll = dice(7);
    for (let stretch = 0; stretch < 30; stretch += 1) {
      for (let step = 0; step < 10; step += 1) await CHANGES[roll(CHANGES.length)]?.(roll);
      expect(await kept()).toEqual(await recounted());
    }
    expect((await recounted()).length).toBeGreaterThan(5);
  });

  test("and after changes from many sides at once, some of which are taken back", async () => {
    await Promise.all(
      Array.from({ length: 8 }, async (_, side) => {
        const roll = dice(100 + side);
        for (let step = 0; step < 25; step += 1) {
          const client = await db.connect();
          try {
            await client.query("begin");
            await client.query(
              `insert into items (fingerprint, origin, service, responsibility, severity, summary, since, opened_at, last_seen_at)
               values (gen_random_uuid()::text, 'check', 'shop', 'on-call', 'warning', 's', now(), now(), now())`,
            );
            await client.query(roll(3) === 0 ? "rollback" : "commit");
          } finally {
            client.release();
          }
        }
      }),
    );
    expect(await kept()).toEqual(await recounted());
  });
});

describe("what is asked of them", () => {
  test("agrees with the items, for everything and for some services", async () => {
    const now = new Date();
    for (const services of [undefined, ["shop"], ["shop", "blog"], []]) {
      const all = await unresolved(db, { services }, 100_000);
      const unowned = all.filter((item) => item.owner === null);
      expect(await countUnresolved(db, { services })).toBe(all.length);
      expect(await countUnresolved(db, { services, unowned: true })).toBe(unowned.length);
      expect(await unresolved(db, { services, unowned: true }, 5)).toEqual(unowned.slice(0, 5));
      expect(await countOverdue(db, services, now)).toBe(all.filter((item) => (item.dueAt ?? now) < now).length);
      const due = await dueBetween(db, services, { from: null, until: now }, 100_000);
      expect(due.map((item) => item.dueAt?.getTime())).toEqual(
        all
          .flatMap((item) => ((item.dueAt ?? now) < now ? [item.dueAt?.getTime() ?? 0] : []))
          .toSorted((a, b) => a - b),
      );

      const owners = await countByOwner(db, services);
      const owned = all.filter((item) => item.owner !== null);
      expect(owners.reduce((sum, { count }) => sum + count, 0)).toBe(owned.length);
      expect(owners.reduce((sum, { critical }) => sum + critical, 0)).toBe(
        owned.filter((item) => item.severity === "critical").length,
      );
      const oldest = await oldestOfOwners(
        db,
        owners.map(({ owner }) => owner),
        services,
        3,
      );
      for (const [index, { owner }] of owners.entries()) {
        const theirs = owned
          .filter((item) => JSON.stringify(item.owner) === JSON.stringify(owner))
          .toSorted((a, b) => a.openedAt.getTime() - b.openedAt.getTime());
        expect(oldest[index]?.map((item) => item.openedAt)).toEqual(theirs.slice(0, 3).map((item) => item.openedAt));
      }
      const firsts = oldest.map((items) => items[0]?.openedAt.getTime() ?? 0);
      expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
    }
  });

  test("a person's are theirs and their teams'", async () => {
    const all = await unresolved(db, {}, 100_000);
    const parties = [JSON.stringify({ person: "ana" }), JSON.stringify({ team: "web" })];
    const mine = all.filter(({ owner }) => parties.includes(JSON.stringify(owner)));
    const person = { key: "ana", teams: ["web"] };
    expect(await unresolved(db, { person }, 100_000)).toEqual(mine);
    expect(await countUnresolved(db, { person })).toBe(mine.length);
    expect(await unresolved(db, { person: { key: "nobody", teams: [] } }, 10)).toEqual([]);
    expect(mine.length).toBeGreaterThan(0);
  });
});
