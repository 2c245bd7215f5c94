import { boolean, execute, oneOf, query, Row, sql, text, timestamp, type Db, type RowOf } from "../db/sql.ts";
import { notify } from "./events.ts";

/** What people must hear of although Slack cannot tell them. */

export const ALARMS = ["token", "channel"] as const;
export type About = (typeof ALARMS)[number];

const ALARM = new Row({ about: oneOf(ALARMS), sentence: text, beganAt: timestamp, over: boolean });
export type Alarm = RowOf<typeof ALARM>;
/** One that is somebody's to tell of, until then. */
export type ClaimedAlarm = Alarm & { readonly claimedUntil: Date };

export async function beginAlarm(db: Db, about: About, sentence: string, now: Date): Promise<void> {
  const begun = await execute(
    db,
    sql`insert into alarms as a (about, sentence, began_at) values (${about}, ${sentence}, ${now})
        on conflict (about) do update set ended_at = null, sentence = excluded.sentence where a.ended_at is not null`,
  );
  if (begun > 0) await notify(db, "daytwo_alarm");
}

export async function endAlarm(db: Db, about: About, now: Date): Promise<void> {
  const ended = await execute(db, sql`update alarms set ended_at = ${now} where about = ${about} and ended_at is null`);
  if (ended > 0) await notify(db, "daytwo_alarm");
}

/** Alarms that are not over. */
export async function alarms(db: Db): Promise<Alarm[]> {
  return query(
    db,
    ALARM,
    sql`select about, sentence, began_at, false as over from alarms where ended_at is null order by began_at`,
  );
}

/** Claims what somebody outside has to be told: that something began, or that what they were told of is over. */
export async function claimUntold(db: Db, now: Date, claimedUntil: Date): Promise<ClaimedAlarm[]> {
  // Where somebody is just being told that it began, they hear that it is over too.
  const unclaimed = sql`(claimed_until is null or claimed_until <= ${now})`;
  await execute(db, sql`delete from alarms where ended_at is not null and told = 'nothing' and ${unclaimed}`);
  const claimed = await query(
    db,
    ALARM,
    sql`update alarms set claimed_until = ${claimedUntil}
        where ${unclaimed} and ((told = 'nothing') <> (ended_at is not null))
        returning about, sentence, began_at, ended_at is not null as over`,
  );
  return claimed.map((alarm) => ({ ...alarm, claimedUntil }));
}

/**
 * Somebody was told; when nobody wants to be, that is as good. What began anew while they were told that it is over is told as
 * new. Nothing is marked where the claim ran out: whoever has it now tells it.
 */
export async function markTold(db: Db, { about, over, claimedUntil }: ClaimedAlarm): Promise<void> {
  const own = sql`about = ${about} and claimed_until = ${claimedUntil}`;
  if (over) await execute(db, sql`delete from alarms where ${own} and ended_at is not null`);
  const told = over ? "nothing" : "beginning";
  await execute(db, sql`update alarms set told = ${told}, claimed_until = null where ${own}`);
}
