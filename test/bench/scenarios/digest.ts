import { Pool } from "pg";
import type { App } from "../../../src/app.ts";
import { readDigest } from "../../../src/board/digest.ts";
import { EMPTY_CATALOG } from "../../../src/domain/catalog.ts";
import { digestMessage } from "../../../src/slack/digest-message.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";
import type { World } from "../world.ts";

/** What the daily digest takes from the database, and drawing it, when very much is open. */

const ITEMS = { full: 1_000_000, quick: 100_000 };
const OWNERS = 200;

export const digest: Scenario = {
  name: "digest",
  sentence: `A digest of ${ITEMS.full.toLocaleString("en-US")} open items of ${OWNERS} owners (${ITEMS.quick.toLocaleString("en-US")} in a quick run): what nobody has, what is overdue, how much each owner has and their oldest, what is coming up. Daytwo reads and draws all of it; textbook SQL (group by, window function, counts) answers the same questions on the same rows and indexes.`,
  units: { "data and drawing": "ms" },
  goals: [{ figure: "data and drawing", against: "textbook SQL", atMost: 0.005 }],
  contestants: { Daytwo: ours, "textbook SQL": textbook },
};

type Filled = { readonly db: Pool; readonly now: Date };
const filled = new WeakMap<World, Promise<Filled>>();

/** The same million for every round. */
function fill({ world, isQuick }: Use): Promise<Filled> {
  const known = filled.get(world) ?? insert(world, isQuick ? ITEMS.quick : ITEMS.full);
  filled.set(world, known);
  return known;
}

async function insert(world: World, count: number): Promise<Filled> {
  const options = "-c search_path=daytwo";
  const db = new Pool({ connectionString: await world.database(), max: 8, options });
  world.atEnd(() => db.end());
  await db.query(
    `insert into items (fingerprint, origin, service, responsibility, severity, summary, since, opened_at, last_seen_at, owner_person, owned_since, due_at)
     select 'bench/' || n, 'check', 'service-' || n % 100, 'on-call', case when n % 10 = 0 then 'critical' else 'warning' end, 'something to see to',
            now() - n * interval '1 second', now() - n * interval '1 second', now(),
            case when n % 50 > 0 then 'person-' || n % ${OWNERS} end, now(), now() + (n % 1000 - 5) * interval '1 hour'
     from generate_series(1, ${count}) as n`,
  );
  await db.query("vacuum (analyze) items");
  await db.query("vacuum (analyze) item_counts");
  return { db, now: new Date() };
}

async function ours(use: Use): Promise<Measured> {
  const { db, now } = await fill(use);
  const app = {
    db,
    now: () => now,
    inForce: () => ({
      version: 1,
      catalog: EMPTY_CATALOG,
      overrides: [],
      standins: [],
      left: new Set(),
      called: { people: {}, teams: {} },
      strangers: {},
    }),
  };
  const of = { channel: EMPTY_CATALOG.channel, zone: "UTC", localDate: now.toISOString().slice(0, 10) };
  async function once() {
    const content = await readDigest(app as unknown as App, of);
    return { content, message: digestMessage(content) };
  }
  for (let before = 0; before < 10; before += 1) await once(); // as in a bot that has been up: connections, statements, code
  const began = performance.now();
  const { content } = await once();
  const took = performance.now() - began;
  const said = {
    unowned: content.unownedCount,
    overdue: content.overdueCount,
    owned: content.ownedCount,
    owners: content.ownersCount,
  };
  const counted = await recount(db, now);
  return {
    figures: { "data and drawing": took },
    wrong:
      JSON.stringify(said) === JSON.stringify(counted)
        ? []
        : [`it says ${JSON.stringify(said)} of ${JSON.stringify(counted)}`],
  };
}

async function recount(db: Pool, now: Date): Promise<object> {
  const { rows } = await db.query<object>(
    `select count(*) filter (where owner_person is null)::int as unowned, count(*) filter (where due_at < $1)::int as overdue,
            count(owner_person)::int as owned, count(distinct owner_person)::int as owners
     from items where state <> 'resolved'`,
    [now],
  );
  return rows[0] ?? {};
}

/** As one writes it first. */
async function textbook(use: Use): Promise<Measured> {
  const { db, now } = await fill(use);
  const began = performance.now();
  await db.query(
    `select owner_person, count(*), count(*) filter (where severity = 'critical'), min(opened_at)
     from items where state <> 'resolved' group by owner_person order by min(opened_at)`,
  );
  await db.query(
    `select * from (select *, row_number() over (partition by owner_person order by opened_at) as nth
                    from items where state <> 'resolved') as ranked where nth <= 3`,
  );
  await db.query(
    "select * from items where state <> 'resolved' and due_at < $1 order by severity, opened_at limit 10",
    [now],
  );
  await db.query("select count(*) from items where state <> 'resolved' and due_at < $1", [now]);
  await db.query(
    "select * from items where state <> 'resolved' and due_at >= $1 and due_at < $1 + interval '7 days' order by due_at limit 10",
    [now],
  );
  return { figures: { "data and drawing": performance.now() - began }, wrong: [] };
}
