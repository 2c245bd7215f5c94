import { ACTOR_KINDS } from "../domain/actor.ts";
import {
  execute,
  nullable,
  often,
  oneOf,
  query,
  queryOne,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";

const ACCOUNT = new Row({
  team: text,
  account: text,
  kind: oneOf(ACTOR_KINDS),
  name: text,
  zone: nullable(text),
  away: nullable(text),
  awayUntil: nullable(timestamp),
  fetchedAt: timestamp,
});
export type Account = RowOf<typeof ACCOUNT>;

export async function accountById(db: Db, team: string, account: string): Promise<Account | null> {
  const statement = sql`select ${ACCOUNT} from accounts where team = ${team} and account = ${account}`;
  return queryOne(db, ACCOUNT, often("accounts.one", statement));
}

const CALLED = new Row({ account: text, name: text });

/** Account → name, of those who were here last, at most a thousand. */
export async function accountNames(db: Db): Promise<Record<string, string>> {
  const newest = sql`select ${CALLED} from accounts order by fetched_at desc limit 1000`;
  return Object.fromEntries((await query(db, CALLED, newest)).map(({ account, name }) => [account, name]));
}

export async function saveAccount(db: Db, account: Account): Promise<void> {
  await execute(
    db,
    sql`insert into accounts (team, account, kind, name, zone, away, away_until, fetched_at)
        values (${account.team}, ${account.account}, ${account.kind}, ${account.name}, ${account.zone}, ${account.away}, ${account.awayUntil}, ${account.fetchedAt})
        on conflict (team, account) do update set kind = excluded.kind, name = excluded.name, zone = excluded.zone,
          away = excluded.away, away_until = excluded.away_until, fetched_at = excluded.fetched_at`,
  );
}

const KEY = new Row({ account: text });

/** Accounts of a team that Slack called deactivated when we last asked. */
export async function deactivatedAccounts(db: Db): Promise<string[]> {
  const rows = await query(db, KEY, sql`select account from accounts where kind = 'deactivated' order by account`);
  return rows.map(({ account }) => account);
}

const AWAY = new Row({ account: text, away: text, awayUntil: nullable(timestamp) });

/** Accounts that are away by their status at `now`, where Slack said so since `heard`. */
export async function awayAccounts(
  db: Db,
  { now, heard }: { readonly now: Date; readonly heard: Date },
): Promise<RowOf<typeof AWAY>[]> {
  return query(
    db,
    AWAY,
    sql`select ${AWAY} from accounts
        where away is not null and fetched_at >= ${heard} and (away_until is null or away_until > ${now})
        order by account`,
  );
}
