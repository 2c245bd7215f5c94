import type { Plan } from "../domain/action.ts";
import type { Target } from "../domain/catalog.ts";
import { Expected } from "../errors.ts";
import { call, HEROKU, settings, type Sent, type Settings } from "./heroku-api.ts";
import { judge } from "./heroku-judge.ts";
import { coreOf, type Core } from "./heroku-see.ts";
import { outcomeOf, outcomeOfSilence } from "./http-json.ts";
import type { ApplyUse, Outcome, Verdict } from "./provider.ts";

/** Sends a plan's one request, and follows what Heroku makes of it. */

/**
 * Heroku compares nothing before it changes something, and knows no request again. So it is looked at right before, and
 * what shows already is not sent: what is left is a moment between the look and the request.
 */
export async function apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  const where = settings.parse(target.settings);
  let core: Core;
  try {
    core = await coreOf(where, use.signal);
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    return { kind: "refused", reason: `it could not be looked at just before acting: ${error.message}` };
  }
  const { kind, seen } = judge(core, plan);
  if (kind === "differs") return { kind: "refused", reason: `it changed since the plan was drawn: ${seen}` };
  if (kind === "failed") return { kind: "failed", reason: seen };
  const outcome = kind === "untouched" ? await send(where, requestFor(core, plan), use) : null;
  return outcome ?? follow(where, plan, use);
}

function requestFor({ releases }: Core, { action, arguments: given }: Plan): Sent {
  if (action === "restart") return { method: "DELETE", path: "/dynos" };
  if (action === "rollback") {
    const id = releases.find(({ version }) => `v${version}` === given.release)?.id ?? given.release;
    return { method: "POST", path: "/releases", body: { release: id } };
  }
  const updates = Object.entries(given.sizes ?? {}).map(([type, quantity]) => ({ type, quantity }));
  return { method: "PATCH", path: "/formation", body: { updates } };
}

/** Null where Heroku took it. */
async function send(where: Settings, sent: Sent, { token, signal }: ApplyUse): Promise<Outcome | null> {
  try {
    return outcomeOf(await call(where, { ...sent, operation: token }, signal), HEROKU);
  } catch (error) {
    return outcomeOfSilence(error, HEROKU);
  }
}

const SOON = 200; // ms until the first look, each time a little longer
const LATER = 3_000; // so that following takes no more than the account gets back meanwhile
const BLIND = 10; // looks in a row without an answer after which others look

/** Until it shows, or surely is not going to. The request was taken: that it takes long is no doubt about it. */
async function follow(where: Settings, plan: Plan, { signal, report }: ApplyUse): Promise<Outcome> {
  let last: Verdict = { kind: "pending", seen: "not seen yet" };
  let blind = 0;
  for (let wait = SOON; !signal.aborted && blind < BLIND; wait = Math.min(LATER, 1.5 * wait)) {
    await pause(wait, signal);
    try {
      const now = judge(await coreOf(where, signal), plan);
      if (now.kind === "holds") return { kind: "done", summary: now.seen };
      if (now.kind === "failed") return { kind: "failed", reason: now.seen };
      if (now.kind === "differs") break; // whoever verifies says so
      if (now.seen !== last.seen) report(now.seen);
      last = now;
      blind = 0;
    } catch (error) {
      if (!(error instanceof Expected)) throw error;
      blind += 1;
    }
  }
  return { kind: "done", summary: `Heroku took it, and was still at it: ${last.seen}` };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
