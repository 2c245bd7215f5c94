import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { to } from "pg-copy-streams";
import { ask } from "./redis-servers.ts";

/** Everything that is left of a bot's life, as bytes: what somebody finds who gets at its database, queue or workspace. */

/** Each table of ours and of the queue's as a dump has it, and what is in it as bytes. */
export async function databaseDump(url: string): Promise<Record<string, Buffer>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; bytes: string[] | null }>(
      `select format('%I.%I', table_schema, table_name) as name,
              array_agg(quote_ident(column_name)) filter (where data_type = 'bytea') as bytes
       from information_schema.columns
       join information_schema.tables using (table_catalog, table_schema, table_name)
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
       group by 1`,
    );
    const dumped: Record<string, Buffer> = {};
    for (const { name, bytes } of rows) {
      const chunks: Buffer[] = [];
      for await (const chunk of client.query(to(`copy ${name} to stdout`)) as AsyncIterable<Buffer>) chunks.push(chunk);
      for (const column of bytes ?? []) {
        const found = await client.query<{ value: Buffer | null }>(`select ${column} as value from ${name}`);
        chunks.push(...found.rows.map(({ value }) => value ?? Buffer.alloc(0)));
      }
      dumped[`table ${name}`] = Buffer.concat(chunks);
    }
    return dumped;
  } finally {
    await client.end();
  }
}

/** What a Redis that keeps both has in its snapshot and in its log of commands. */
export async function redisFiles(url: string, folder: string): Promise<Record<string, Buffer>> {
  await ask(Number(new URL(url).port), "save");
  const paths = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = paths.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (path) => [`Redis ${path.slice(folder.length)}`, await readFile(path)] as const)),
  );
}
