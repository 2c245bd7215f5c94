import { expect, test } from "vitest";
import { close, open } from "./support/open.ts";

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

test("two hundred and fifty items change hands with the turn", async () => {
  const under = await open("socket", CATALOG);
  async function owners(): Promise<unknown[]> {
    const { rows } = await under.pool.query(
      "select owner_person as who, count(*)::int as count from items group by owner_person",
    );
    return rows;
  }
  await under.bot.passes(5_000);
  const { rows } = await under.pool.query<{ person: string }>("select person from turns");
  const [{ person: before } = { person: "" }] = rows;
  await under.pool.query(
    `insert into items (fingerprint, origin, service, responsibility, severity, summary, since, opened_at, last_seen_at, owner_person)
     select 'many/' || n, 'alert', 'shop', 'on-call', 'warning', 'something', $1, $1, $1, $2 from generate_series(1, 250) as n`,
    [under.bot.now(), before],
  );
  expect(await owners()).toEqual([{ who: before, count: 250 }]);
  under.bot.advance(7 * 24 * 3_600_000);
  await under.bot.passes(5_000);
  expect(await owners()).toEqual([{ who: before === "ana" ? "ben" : "ana", count: 250 }]);
  await close(under);
});
