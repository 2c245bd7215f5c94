import { execute, sql, type Db } from "../db/sql.ts";

/** Keeps where channels are: the id of each, by its name without `#`. */
export async function keepChannels(db: Db, channels: ReadonlyMap<string, string>): Promise<void> {
  if (channels.size === 0) return;
  await execute(
    db,
    sql`insert into channels as c (name, channel)
        select * from unnest(${[...channels.keys()]}::text[], ${[...channels.values()]}::text[])
        on conflict (name) do update set channel = excluded.channel where c.channel <> excluded.channel`,
  );
}
