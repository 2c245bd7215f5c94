import type { App } from "../app.ts";
import { begunAlarms } from "../delivery/alarms.ts";
import { Unavailable } from "../errors.ts";
import { takesChanges } from "../store/health.ts";

/**
 * Ready means that a command can be served and an alert be kept: the database takes changes. Trouble with Slack or the queue is
 * told as sentences; it is no reason to send requests elsewhere. @throws Unavailable, or what the driver throws
 */
export async function readiness(app: App): Promise<readonly string[]> {
  if (!(await takesChanges(app.db))) throw new Unavailable("the database takes no changes");
  const [refusal, alarms] = await Promise.all([app.queues.refusal(), begunAlarms(app)]);
  if (refusal === null) return alarms;
  return [...alarms, `Redis takes no jobs (${refusal}): checks and operations wait until it does.`];
}
