import { addDays } from "../domain/time.ts";
import { shows, type Progress } from "../domain/posting.ts";
import {
  boolean,
  execute,
  integer,
  nullable,
  often,
  query,
  queryRow,
  raw,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
  type Sql,
} from "../db/sql.ts";
import { place, POSTING, type Posting } from "./postings.ts";

/**
 * Which messages may go next, and how the calls for them ended. A lane is what shares one limit of Slack's (a channel's new messages, all changes of old
 * ones, each kind of question), and the next of each lane is found by its index: a thousand that wait in one of them
 * cost the others nothing.
 */

const CLAIMED = new Row({
  ...POSTING.columns,
  lane: text,
  /** Its channel takes no messages as far as we know: this one finds out whether it does again. */
  probing: boolean,
  /** The message whose thread it is in; null: it is in none. */
  rootTs: nullable(text),
});
/** A posting that is somebody's to make a call for, since `claimedAt` and until `claimedUntil`. */
export type Claimed = RowOf<typeof CLAIMED> & { readonly claimedAt: Date; readonly claimedUntil: Date };

/** So often a line of a thread may fail before the ones behind it go ahead. */
const PATIENCE = 3;

const LANE = raw("lane_of(p.place, p.channel, p.message_ts)");

/**
 * Whether posting `p` is behind and nothing but us and its lane's pace holds it back: a thread waits until its root is out
 * and tells its lines in their order, what was put off waits for its time, and what goes to a channel that takes nothing
 * until it is tried again.
 */
export function ready(now: Date): Sql {
  return sql`p.shown < p.wanted and (p.not_before is null or p.not_before <= ${now})
            and (p.place not like 'thread:%'
                 or exists (select from postings r where r.id = substr(p.place, 8)::bigint and r.message_ts is not null))
            and (p.place not like 'thread:%' or p.message_ts is not null
                 or not exists (select from postings e where e.place = p.place and e.id < p.id and e.message_ts is null
                                and e.shown < e.wanted and e.attempts < ${PATIENCE}))
            and not exists (select from pace c where c.key in (p.place, 'channel:' || p.channel)
                            and c.problem is not null and c.next_at > ${now})`;
}

/** Every lane in which something waits, one after another off the index. */
const LANES = sql`lanes as (
    (select ${LANE} as lane from postings p where p.shown < p.wanted and ${LANE} is not null order by 1 limit 1)
    union all
    select (select ${LANE} from postings p where p.shown < p.wanted and ${LANE} > l.lane order by 1 limit 1) from lanes l where l.lane is not null)`;

/**
 * Claims the next of each lane whose pace lets it go. Final states go first, but at a `fair` turn what has waited longest
 * does: however many are final, nothing waits for ever.
 */
export async function claimBehind(
  db: Db,
  { limit, now, claimedUntil, fair }: { limit: number; now: Date; claimedUntil: Date; fair: boolean },
): Promise<Claimed[]> {
  const unclaimed = sql`${ready(now)} and (p.claimed_until is null or p.claimed_until <= ${now})`;
  const next = sql`order by p.asked_at, p.id limit 1`;
  // A claim that ran out is one whose end nobody noted: the message that it was for may be there.
  const unsureSince = sql`coalesce(p.unsure_since, case when p.message_ts is null
                            then p.claimed_until - (${claimedUntil}::timestamptz - ${now}::timestamptz) end)`;
  const claimed = await query(
    db,
    CLAIMED,
    often(
      "postings.claim",
      sql`with recursive ${LANES},
        picked as (
          select n.id from lanes l, lateral (
            select * from (
              (select p.id, p.final, p.asked_at from postings p where ${LANE} = l.lane and p.final and ${unclaimed} ${next})
              union all
              (select p.id, p.final, p.asked_at from postings p where ${LANE} = l.lane and not p.final and ${unclaimed} ${next})) e
            order by (e.final and not ${fair}) desc, e.asked_at, e.id limit 1) n
          where l.lane is not null
            and not exists (select from pace c where c.next_at > ${now}
                            and (c.key = l.lane or (c.key = 'chat.postMessage' and l.lane like 'channel:%'))))
        update postings p set claimed_until = ${claimedUntil}, unsure_since = ${unsureSince}
        where id = any(array(
          select p.id from postings p join picked using (id) where ${unclaimed}
          order by p.final desc, p.asked_at, p.id limit ${limit} for update of p skip locked))
        returning ${raw(POSTING.list("p"))}, ${LANE} as lane,
          exists (select from pace c where c.key in (p.place, 'channel:' || p.channel) and c.problem is not null) as probing,
          case when p.place like 'thread:%' then (select r.message_ts from postings r where r.id = substr(p.place, 8)::bigint) end as root_ts`,
    ),
  );
  return claimed.map((posting) => ({ ...posting, claimedAt: now, claimedUntil }));
}

/**
 * The call for a posting ended, and that is how the posting stands now. Not where the claim ran out meanwhile and somebody
 * else has it: their call decides.
 */
export async function endClaim(db: Db, { id, claimedUntil }: Claimed, progress: Progress): Promise<void> {
  await execute(
    db,
    sql`update postings set claimed_until = null, ${standing(progress)} where id = ${id} and claimed_until = ${claimedUntil}`,
  );
}

function standing({ shown, messageTs, unsureSince, attempts, problem, notBefore }: Progress): Sql {
  return sql`shown = ${shown}, message_ts = ${messageTs}, unsure_since = ${unsureSince},
             attempts = ${attempts}, problem = ${problem}, not_before = ${notBefore}`;
}

/** Slack shows this version there, whoever has the claim. A change that came meanwhile waits as if it were asked for now. */
export async function noteShown(
  db: Db,
  posting: Posting,
  { version, channel, messageTs }: { version: number; channel: string; messageTs: string | null },
  now: Date,
): Promise<void> {
  await execute(
    db,
    sql`update postings set claimed_until = null, ${standing(shows(version, messageTs))}, channel = ${channel},
          asked_at = case when wanted > ${version} then greatest(asked_at, ${now}) else asked_at end
        where id = ${posting.id}`,
  );
  if (posting.messageTs !== null || posting.place.startsWith("thread:")) return;
  // Its thread can begin now. And its channel has messages of ours, if it had none before.
  await execute(
    db,
    sql`update postings set channel = ${channel} where place = ${place.thread(posting.id)} and message_ts is null`,
  );
  await execute(
    db,
    sql`insert into comparisons (channel, due_at) values (${channel}, ${addDays(now, 1)}) on conflict do nothing`,
  );
}

const FREE = new Row({ freeAt: nullable(timestamp) });

/** When the pace of a lane next lets something go that is ready by then; null: nothing waits for that. */
export async function nextFree(db: Db, now: Date): Promise<Date | null> {
  const row = await queryRow(
    db,
    FREE,
    often(
      "postings.free",
      sql`with recursive ${LANES}
        select min(coalesce(greatest(c.next_at, m.next_at), ${now})) as free_at
        from lanes l left join pace c on c.key = l.lane
        left join pace m on m.key = 'chat.postMessage' and l.lane like 'channel:%'
        where exists (select from postings p where ${LANE} = l.lane and ${ready(now)} and (p.claimed_until is null or p.claimed_until <= ${now}))`,
    ),
  );
  return row.freeAt;
}

const BEHIND = new Row({ now: integer, later: integer, nextAt: nullable(timestamp) });
export type Behind = RowOf<typeof BEHIND>;

/**
 * How many postings are behind: ready now, and put off, and when the first of those may go. What waits for a person, who
 * has to mend its channel, is neither.
 */
export async function countBehind(db: Db, now: Date): Promise<Behind> {
  return queryRow(
    db,
    BEHIND,
    often(
      "postings.behind",
      sql`with behind as (
          select greatest(p.not_before, l.next_at, case when l.key like 'channel:%' then m.next_at end) as free_at
          from postings p left join pace l on l.key = ${LANE} left join pace m on m.key = 'chat.postMessage'
          where p.shown < p.wanted
            and not exists (select from pace c where c.key in (p.place, 'channel:' || p.channel) and c.problem is not null and c.next_at > ${now}))
        select count(*) filter (where free_at is null or free_at <= ${now}) as now, count(*) filter (where free_at > ${now}) as later,
               min(free_at) filter (where free_at > ${now}) as next_at
        from behind`,
    ),
  );
}

/**
 * Since when the longest-waiting posting could have gone: of each lane since something in it is ready, or since the lane
 * last moved where that is later. What Slack refused does not count.
 */
export function lateSince(now: Date): Sql {
  return sql`(select min(greatest(w.since, c.next_at)) from (
      select ${LANE} as lane, min(greatest(p.asked_at, p.not_before)) as since from postings p
      where ${ready(now)} and p.problem is null group by 1) w left join pace c on c.key = w.lane)`;
}
