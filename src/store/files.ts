import { execute, queryOne, Row, sql, text, type Db } from "../db/sql.ts";

/** Files in Slack that events' messages show. */

const FILE = new Row({ file: text });

export async function fileOf(db: Db, event: number): Promise<string | null> {
  return (await queryOne(db, FILE, sql`select file from pictures where event = ${event}`))?.file ?? null;
}

export async function keepFile(db: Db, event: number, file: string): Promise<void> {
  await execute(db, sql`insert into pictures (event, file) values (${event}, ${file}) on conflict (event) do nothing`);
}
