import { expect, test } from "vitest";
import { close, count, open } from "./support/open.ts";
import { until } from "./support/until.ts";

/** However much somebody has when their turn is over: whoever is next has all of it. */

const CATALOG = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: operator }
rotations:
  web: { name: Web, members: [ana, ben], handover: mon 09:00, zone: UTC, from: "2026-11-23" }
services:
  shop: { owner: ana, responsibilities: { on-call: rotation-web }, checks: { ownership: off } }
`;

const HANDED_OVER = "events where kind = 'rotation.handed_over'";

test("two hundred and fifty items change hands with the turn, though one breaks, and one is somebody's for a moment", async () => {
  const under = await open("socket", CATALOG);
  const { bot, pool } = under;
  async function owners(): Promise<{ who: string; count: number }[]> {
    const { rows } = await pool.query<{ who: string; count: number }>(
      "select owner_person as who, count(*)::int as count from items where fingerprint like 'many/%' group by owner_person order by count",
    );
    return rows;
  }
  await bot.passes(5_000);
  const { rows } = await pool.query<{ person: string }>("select person from turns");
  const [{ person: before } = { person: "" }] = rows;
  const after = before === "ana" ? "ben" : "ana";
  await pool.query(
    `insert into items (fingerprint, origin, service, responsibility, severity, summary, since, opened_at, last_seen_at, owner_person)
     select 'many/' || n, 'alert', 'shop', 'on-call', 'warning', 'something', $1, $1, $1, $2 from generate_series(1, 250) as n`,
    [bot.now(), before],
  );
  expect(await owners()).toEqual([{ who: before, count: 250 }]);
  await pool.query(`create function breaks() returns trigger language plpgsql as $$ begin raise exception 'this row is broken'; end $$;
                    create trigger breaks before update on items for each row when (old.fingerprint = 'many/150') execute function breaks()`);
  const somebody = await pool.connect();
  await somebody.query("begin");
  await somebody.query("select from items where fingerprint = 'many/30' for update");
  bot.advance(7 * 24 * 3_600_000);
  await bot.passes(5_000);
  await until("all that can to have changed hands", async () => (await owners())[0]?.count === 2);
  expect(await owners()).toEqual([
    { who: before, count: 2 },
    { who: after, count: 248 },
  ]);
  expect(await count(under, HANDED_OVER)).toBe(0);
  await somebody.query("commit");
  somebody.release();
  await bot.passes(5_000);
  await until("the turn to have moved", async () => (await count(under, HANDED_OVER)) === 1);
  expect(await owners()).toEqual([
    { who: before, count: 1 },
    { who: after, count: 249 },
  ]);
  await close(under);
});
