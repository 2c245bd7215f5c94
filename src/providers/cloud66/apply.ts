import { z } from "zod";
import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { call, CLOUD66, LONGEST_WORD, meaning, settings, type Sent, type Settings } from "./api.ts";
import { isOfImages, judge, madeFor } from "./judge.ts";
import { followLog } from "./log.ts";
import { requestFor } from "./request.ts";
import { coreOf, modeOf, partOf, releaseOf, underWayOf, versionOf, type Core } from "./see.ts";
import { outcomeOf, outcomeOfSilence } from "../http-json.ts";
import type { ApplyUse, Outcome } from "../provider.ts";
import { seenBefore } from "../seen-before.ts";
import { untilClear } from "../until-clear.ts";
import { isDoneWithin } from "../../wait.ts";

/** Sends a plan's one request, and follows what Cloud 66 makes of it; what its log says meanwhile is told, and decides nothing. */

const LATER = 15_000; // ms between two looks: each takes four requests of the 3,000 that there are for an hour
const LAST = 500; // ms after the end in which the last lines of the log may come yet

export async function apply({ settings: given }: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  const where = settings.parse(given);
  const over = new AbortController();
  // Begins before the request; whether it is heard by then is not waited for.
  const log = followLog(where, { ...use, signal: AbortSignal.any([use.signal, over.signal]) });
  try {
    const outcome = await applied(where, plan, use);
    if (outcome.kind === "done" || outcome.kind === "failed") await isDoneWithin(LAST, log);
    return outcome;
  } finally {
    over.abort();
    await log;
  }
}

/**
 * Cloud 66 compares nothing before it changes something, and knows no request again. So it is looked at right before, and
 * what shows already is not sent: what is left is a moment between the look and the request.
 */
async function applied(where: Settings, plan: Plan, use: ApplyUse): Promise<Outcome> {
  const before = await seenBefore(async () => {
    const core = await coreOf(where, use.signal);
    return { core, request: await requestFor(where, core, plan, use.signal) };
  });
  if ("kind" in before) return before;
  const { core, request } = before.seen;
  // A restart is meant from now on.
  const since = core.actions[0]?.id ?? 0;
  if (!shows(core, plan)) {
    const moved = movedFrom(core, plan);
    if (moved !== null) return { kind: "refused", reason: `it changed since the plan was drawn: ${moved}` };
    const outcome = await send(where, { ...request, operation: use.token }, use.signal);
    if (outcome !== null) return outcome;
  }
  return untilClear(
    async () => judge(await coreOf(where, use.signal), plan, since),
    { name: CLOUD66.name, later: LATER },
    use,
  );
}

/** Whether it was asked for already. */
function shows(core: Core, plan: Plan): boolean {
  if (plan.action === "rollback")
    return isOfImages(plan) ? releaseOf(core) === plan.arguments.release : madeFor(core, plan) !== undefined;
  if (plan.action === "maintenance") return modeOf(core) === plan.arguments.maintenance;
  return (
    plan.action === "scale" &&
    Object.entries(plan.arguments.sizes ?? {}).every(([process, wanted]) => partOf(core, process)?.wanted === wanted)
  );
}

/** Null where all is as it was when the plan was drawn. */
function movedFrom(core: Core, { version }: Plan): string | null {
  const underWay = underWayOf(core);
  if (underWay !== null || versionOf(core) === version) return underWay;
  const sizes = core.parts.map(({ name, wanted }) => `${wanted} ${name}`).join(", ");
  return `${releaseOf(core)} is live, with ${sizes || "no process"}`;
}

const taken = z.object({ response: z.object({ ok: z.boolean().nullish(), message: z.string().nullish() }) });
const HOURLY = 5 * 60_000; // ms until it is asked again: its requests are counted by the hour

/** Null where Cloud 66 took it. */
async function send(where: Settings, sent: Sent, signal: AbortSignal): Promise<Outcome | null> {
  try {
    const answer = await call(where, sent, signal);
    const outcome = outcomeOf(answer, meaning(answer));
    if (outcome?.kind === "later" && answer.headers["retry-after"] === undefined) return { ...outcome, after: HOURLY };
    if (outcome !== null) return outcome;
    const { ok, message } = taken.safeParse(answer.body).data?.response ?? {};
    return ok === false
      ? { kind: "refused", reason: `Cloud 66 says: ${(message ?? "no").slice(0, LONGEST_WORD)}` }
      : null;
  } catch (error) {
    return outcomeOfSilence(error, CLOUD66);
  }
}
