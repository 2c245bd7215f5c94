import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { Expected } from "../../errors.ts";
import { call, HEROKU, pathOf, settings, type Sent, type Settings } from "./api.ts";
import { judge } from "./judge.ts";
import { refresh } from "./refresh.ts";
import { coreOf, isEligible, lastChangeOf, type Core } from "./see.ts";
import { outcomeOf, outcomeOfSilence } from "../http-json.ts";
import type { ApplyUse, Outcome } from "../provider.ts";
import { untilClear } from "../until-clear.ts";

/** Sends a plan's one request, and follows what Heroku makes of it. */

const LATER = 3_500; // ms between two looks, so that following takes no more than the account gets back meanwhile

/**
 * Heroku compares nothing before it changes something, and knows no request again. So it is looked at right before, and
 * what shows already is not sent: what is left is a moment between the look and the request.
 */
export async function apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  if (plan.action === "renew-cert") return refresh(target, plan, use);
  const where = settings.parse(target.settings);
  let core: Core;
  try {
    core = await coreOf(where, use.signal);
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    return { kind: "refused", reason: `it could not be looked at just before acting: ${error.message}` };
  }
  // A restart is meant from now on: Heroku cycles dynos by itself, and those of before do not count.
  const since = lastChangeOf(core);
  const { kind, seen } = judge(core, plan, since);
  if (kind === "differs") return { kind: "refused", reason: `it changed since the plan was drawn: ${seen}` };
  if (kind === "failed") return { kind: "failed", reason: seen };
  if (kind === "untouched") {
    const outcome = await send(where, core, plan, use);
    if (outcome !== null) return outcome;
  }
  return untilClear(
    async () => judge(await coreOf(where, use.signal), plan, since),
    { name: HEROKU.name, later: LATER },
    use,
  );
}

/** Null where Heroku took it. */
async function send(where: Settings, core: Core, plan: Plan, { token, signal }: ApplyUse): Promise<Outcome | null> {
  const sent = requestFor(where, core, plan);
  if (sent === null)
    return { kind: "refused", reason: "what it would go back to is no longer there, so nothing was sent" };
  try {
    return outcomeOf(await call(where, { ...sent, operation: token }, signal), HEROKU);
  } catch (error) {
    return outcomeOfSilence(error, HEROKU);
  }
}

/** Null where there is nothing to go back to any more. */
function requestFor(where: Settings, { releases }: Core, { action, arguments: given }: Plan): Sent | null {
  if (action === "restart") return { method: "DELETE", path: pathOf(where, "/dynos") };
  if (action === "scale") {
    const updates = Object.entries(given.sizes ?? {}).map(([type, quantity]) => ({ type, quantity }));
    return { method: "PATCH", path: pathOf(where, "/formation"), body: { updates } };
  }
  if (action === "maintenance")
    return { method: "PATCH", path: pathOf(where), body: { maintenance: given.maintenance === "on" } };
  const to = releases.find((each) => `v${each.version}` === given.release && isEligible(each));
  return to === undefined ? null : { method: "POST", path: pathOf(where, "/releases"), body: { release: to.id } };
}
