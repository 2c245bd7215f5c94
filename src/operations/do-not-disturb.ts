import type { App } from "../app.ts";
import { isObject, objectIn } from "../domain/json-object.ts";
import { note } from "../telemetry/trace.ts";
import { isDoneWithin } from "../wait.ts";

/** Who is not to be disturbed now, as far as Slack says so. */

const MOST = 50; // accounts that Slack tells about at once
const PATIENCE = 3_000; // ms that a request may wait to know it

/**
 * Those of some accounts that are in do-not-disturb. Whoever Slack says nothing of counts as awake: without the optional
 * scope `dnd:read`, and while Slack does not answer, that is everybody.
 */
export async function quietAccounts(app: App, accounts: readonly string[]): Promise<ReadonlySet<string>> {
  if (accounts.length === 0) return new Set();
  try {
    const asking = app.slack.call("dnd.teamInfo", { users: accounts.slice(0, MOST).join(",") });
    if (!(await isDoneWithin(PATIENCE, asking))) throw new Error(`no answer within ${PATIENCE} ms`);
    const answer = await asking;
    const users = objectIn(answer, "users");
    const seconds = app.now().getTime() / 1000;
    return new Set(accounts.filter((account) => isQuiet(users[account], seconds)));
  } catch (error) {
    note({ "daytwo.awake": error instanceof Error ? error.message : String(error) });
    return new Set();
  }
}

/** Slack names the quiet time that is on, or the next one. */
function isQuiet(told: unknown, now: number): boolean {
  if (!isObject(told) || told["dnd_enabled"] !== true) return false;
  const [start, end] = [told["next_dnd_start_ts"], told["next_dnd_end_ts"]];
  return typeof start === "number" && typeof end === "number" && start <= now && now < end;
}
