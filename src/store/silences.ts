import { asJson } from "../db/json.ts";
import {
  execute,
  integer,
  json,
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
import { SILENCE_STATES, type Matchers, type SilenceState } from "../domain/silence.ts";
import { notify } from "./events.ts";

const SILENCE = new Row({
  id: integer,
  item: integer,
  source: text,
  token: text,
  matchers: json<readonly Matchers[]>(),
  reason: text,
  madeBy: text,
  askedAt: timestamp,
  endsAt: timestamp,
  state: oneOf(SILENCE_STATES),
  attempts: integer,
  problem: nullable(text),
});
export type StoredSilence = RowOf<typeof SILENCE>;
/** One about which somebody asks the source, until then. */
export type ClaimedSilence = StoredSilence & { readonly claimedUntil: Date };

/** Asks for a silence; an item has one at a time. */
export async function insertSilence(
  db: Db,
  asked: Pick<StoredSilence, "item" | "source" | "token" | "matchers" | "reason" | "madeBy" | "endsAt">,
  now: Date,
): Promise<void> {
  const { item, source, token, matchers, reason, madeBy, endsAt } = asked;
  await execute(
    db,
    sql`insert into silences (item, source, token, matchers, reason, made_by, asked_at, ends_at, state, due_at)
        values (${item}, ${source}, ${token}, ${asJson(matchers)}, ${reason}, ${madeBy}, ${now}, ${endsAt}, 'asked', ${now})`,
  );
  await notify(db, "daytwo_silences");
}

/** The newest silence of an item. */
export async function newestSilence(db: Db, item: number): Promise<StoredSilence | null> {
  return queryOne(db, SILENCE, sql`select ${SILENCE} from silences where item = ${item} order by id desc limit 1`);
}

/** Has it ended now; whatever a worker does about it meanwhile comes first. */
export async function endSilenceNow(db: Db, id: number, now: Date): Promise<void> {
  await execute(
    db,
    sql`update silences set state = 'ending', due_at = ${now}, attempts = 0, problem = null where id = ${id}`,
  );
  await notify(db, "daytwo_silences");
}

/** Claims silences about which the source has to be asked something, one call in flight for each; those tried in vain come last. */
export async function claimSilences(db: Db, limit: number, now: Date, claimedUntil: Date): Promise<ClaimedSilence[]> {
  const claimed = await query(
    db,
    SILENCE,
    often(
      "silences.claim",
      sql`update silences set claimed_until = ${claimedUntil}
        where id = any(array(select id from silences
                             where state in ('asked', 'on', 'ending') and due_at <= ${now} and (claimed_until is null or claimed_until <= ${now})
                             order by attempts > 0, due_at, id limit ${limit} for update skip locked))
        returning ${SILENCE}`,
    ),
  );
  return claimed.map((silence) => ({ ...silence, claimedUntil }));
}

/**
 * How it stands after a claim, unless something else was asked for meanwhile: that is due then; or the claim ran out and somebody
 * else has it: what they find counts. Whether it stands so.
 */
export async function settleSilence(
  db: Db,
  { id, state, claimedUntil }: ClaimedSilence,
  next: {
    readonly state: SilenceState;
    readonly dueAt: Date;
    readonly attempts: number;
    readonly problem: string | null;
  },
): Promise<boolean> {
  const settled = await execute(
    db,
    sql`update silences set claimed_until = null, state = ${next.state}, due_at = ${next.dueAt}, attempts = ${next.attempts}, problem = ${next.problem}
        where id = ${id} and state = ${state} and claimed_until = ${claimedUntil}`,
  );
  if (settled === 0)
    await execute(
      db,
      sql`update silences set claimed_until = null where id = ${id} and claimed_until = ${claimedUntil}`,
    );
  return settled > 0;
}
