import type { App } from "../app.ts";
import { callOutside } from "../call-outside.ts";
import { SlackRefused } from "../slack-client.ts";
import { longestWaiting, type Waiting } from "../store/health.ts";

/**
 * Calls `DAYTWO_HEARTBEAT_URL` while checks and delivery work, so that something outside notices when they do not. Every
 * worker does, and all of them judge by the same rows: a worker that lives is no reason to call while the work lies. What
 * no row tells is whether Slack still takes our token: that each judges by its own calls.
 */

export const CHECK_MAY_WAIT = 120_000; // ms beyond its due time: one claim of 60 s, and as long again
const POSTING_MAY_WAIT = 300_000; // ms in which nothing but us held it back
const STEP_MAY_WAIT = 300_000; // ms that a step of an item's chain may be overdue
const ACCEPTED_LASTS = 150_000; // ms after which a bot with nothing to say asks whether Slack still takes its token
const SLACK_MAY_BE_SILENT = 300_000; // ms without a call that Slack carried out

/** What does not work: a check, a posting or a step waits longer than it may. */
export function stuck(
  { checkDueAt, postingReadyAt, stepDueAt }: Waiting,
  now: Date,
): readonly ("checks" | "delivery" | "escalation")[] {
  return [
    ...(waitsLonger(checkDueAt, CHECK_MAY_WAIT, now) ? (["checks"] as const) : []),
    ...(waitsLonger(postingReadyAt, POSTING_MAY_WAIT, now) ? (["delivery"] as const) : []),
    ...(waitsLonger(stepDueAt, STEP_MAY_WAIT, now) ? (["escalation"] as const) : []),
  ];
}

function waitsLonger(since: Date | null, limit: number, now: Date): boolean {
  return since !== null && now.getTime() - since.getTime() > limit;
}

/** One round. A call that fails is only logged: whoever waits for it learns by its absence. */
export async function beat(app: App): Promise<false> {
  if (app.heartbeat === null) return false;
  const now = app.now();
  const slack = await slackRefuses(app, now);
  const what = [...stuck(await longestWaiting(app.db, now), now), ...(slack === null ? [] : ["slack"])];
  if (what.length > 0) app.log.warn({ stuck: what, slack }, "no heartbeat: work is late");
  else await callOutside(app, app.heartbeat, "the heartbeat");
  return false;
}

/** Why nothing can be delivered, whether or not there is anything to deliver; null while it can. */
async function slackRefuses(app: App, now: Date): Promise<string | null> {
  const { acceptedAt, refused, lacking } = app.slack.standing();
  if (lacking.has("chat.postMessage")) return "it has no chat.postMessage";
  if (refused === null && !waitsLonger(acceptedAt, ACCEPTED_LASTS, now)) return null;
  try {
    await app.slack.call("auth.test", {});
    return null;
  } catch (error) {
    const word = app.slack.standing().refused;
    if (word !== null) return `it refuses the token: ${word}`;
    if (!waitsLonger(acceptedAt, SLACK_MAY_BE_SILENT, now)) return null;
    return error instanceof SlackRefused ? `it refuses auth.test: ${error.error}` : "it gives no answer";
  }
}
