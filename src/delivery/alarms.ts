import { addSeconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { callOutside } from "../call-outside.ts";
import { alarms, beginAlarm, claimUntold, endAlarm, markTold, type Alarm } from "../store/alarms.ts";
import { notify } from "../store/events.ts";

/**
 * What Slack cannot tell, because it is Slack that fails: `DAYTWO_ALARM_URL` is told once when it begins and once when it
 * is over, however many processes notice it.
 */

const CALL = 30; // seconds that one call is another process's not to make

/** One round: whether our token is taken, and whom to tell what. */
export async function tellAlarms(app: App): Promise<false> {
  await watchToken(app);
  const now = app.now();
  for (const alarm of await claimUntold(app.db, now, addSeconds(now, CALL)))
    if (app.alarm === null || (await callOutside(app, app.alarm, "the alarm", told(alarm))))
      await markTold(app.db, alarm);
  return false;
}

/** What is wrong now, as sentences. */
export async function begunAlarms(app: App): Promise<readonly string[]> {
  return (await alarms(app.db)).map(({ sentence }) => sentence);
}

function told({ about, sentence, beganAt, over }: Alarm) {
  return {
    text: over ? `Over: ${sentence}` : sentence,
    about,
    state: over ? "over" : "begun",
    since: beganAt.toISOString(),
  };
}

/**
 * While Slack refuses our token nothing is sent: only this asks it, every half minute, whether it takes the token again.
 * Another process may have noticed first, or be the one that has a better token.
 */
async function watchToken(app: App): Promise<void> {
  const { refused } = app.slack.standing();
  if (refused !== null)
    await beginAlarm(
      app.db,
      "token",
      `Slack refuses Daytwo's token (${refused}): no message reaches anybody. All of it waits, and goes out once the token is taken again or another one is set.`,
      app.now(),
    );
  else if (!(await alarms(app.db)).some(({ about }) => about === "token")) return;
  await app.slack.call("auth.test", {}).catch(() => undefined);
  const { refused: still, acceptedAt } = app.slack.standing();
  if (still !== null || acceptedAt === null) return;
  await endAlarm(app.db, "token", app.now());
  await notify(app.db, "daytwo_delivery");
}
