import type { App } from "./app.ts";
import { begunAlarms } from "./delivery/alarms.ts";
import { Unavailable } from "./errors.ts";
import { takesChanges } from "./store/health.ts";

/**
 * Ready means that a command can be served and an alert be kept: the database takes changes. What Slack does not let us say
 * is said here, as sentences, and is no reason to send nobody to us any more. @throws Unavailable, or what the driver does
 */
export async function readiness(app: App): Promise<readonly string[]> {
  if (!(await takesChanges(app.db))) throw new Unavailable("the database takes no changes");
  return begunAlarms(app);
}
