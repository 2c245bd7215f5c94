import { Pool } from "pg";
import { whenAsked } from "./asked.ts";

/** The peer: the least that makes one winner and keeps a record of it: a conditional update and a row of a log, in one transaction. */
const { DATABASE_URL, OWNERS = "", ITEMS = "" } = process.env;
const db = new Pool({ connectionString: DATABASE_URL, max: 16, options: "-c search_path=daytwo" });
await db.query("create table log (item bigint, who text, won boolean)");

async function claim(item: number, who: string): Promise<boolean> {
  const client = await db.connect();
  try {
    await client.query("begin");
    const { rowCount } = await client.query(
      "update items set owner_person = $2 where id = $1 and owner_person is null",
      [item, who],
    );
    await client.query("insert into log values ($1, $2, $3)", [item, who, rowCount === 1]);
    await client.query("commit");
    return rowCount === 1;
  } finally {
    client.release();
  }
}

whenAsked(async () => {
  const began = performance.now();
  let won = 0;
  for (let item = 1; item <= Number(ITEMS); item += 1) {
    const owners = Array.from({ length: Number(OWNERS) }, (_, n) => claim(item, `owner-${n}`));
    won += (await Promise.all(owners)).filter(Boolean).length;
  }
  return { took: performance.now() - began, won };
});
