import { expect, test } from "vitest";
import { sql } from "../src/db/sql.ts";
import { waitsForSomebody } from "../src/domain/item.ts";
import { withoutChain } from "../src/store/escalations.ts";
import { itemsWhere } from "../src/store/items.ts";
import { cloneDatabase } from "./support/database.ts";
import { openPool } from "./support/pool.ts";

/** Which items call people is one rule, said twice: of one item, and of all rows. */

test("of every kind of item, the rows say the same as the item", async () => {
  const database = await cloneDatabase();
  const db = openPool(database.url);
  await db.query("alter table items drop constraint items_reverse_an_operation");
  await db.query(`
    insert into items (fingerprint, origin, responsibility, severity, summary, since, opened_at, last_seen_at, state, snoozed_until, resolved_at,
                       acknowledged_by, acknowledged_until, reverses, due_at, folded_under)
    select gen_random_uuid()::text, 'check', 'on-call', 'critical', 's', now(), now(), now(), state,
           case state when 'snoozed' then now() end, case state when 'resolved' then now() end,
           seen, case when seen is not null then now() end, reverses, due, under
    from unnest(array['open', 'snoozed', 'resolved']) state, unnest(array[null, 'ana']) seen, unnest(array[null, 1]) reverses,
         unnest(array[null, now()]) due, unnest(array[null, 1]) under`);
  const items = await itemsWhere(db, sql`order by id`);
  expect(items).toHaveLength(48);
  const waiting = items.filter(waitsForSomebody).map(({ id }) => id);
  expect((await withoutChain(db, 100)).map(({ id }) => id)).toEqual(waiting);
  expect(waiting).toHaveLength(3); // due or not, and what is to be taken back and has no due time
  await db.end();
  await database.drop();
});
