import { z } from "zod";
import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { Expected, Invalid } from "../../errors.ts";
import { call, CLOUD66, LONGEST_WORD, meaning, settings, type Sent, type Settings } from "./api.ts";
import { serversOf } from "./around.ts";
import { judge, madeFor } from "./judge.ts";
import {
  coreOf,
  isOfContainers,
  modeOf,
  nameOf,
  releaseOf,
  underWayOf,
  versionOf,
  type Core,
  type Part,
} from "./see.ts";
import { outcomeOf, outcomeOfSilence } from "../http-json.ts";
import type { ApplyUse, Outcome } from "../provider.ts";
import { untilClear } from "../until-clear.ts";

/** Sends a plan's one request, and follows what Cloud 66 makes of it. */

const LATER = 15_000; // ms between two looks: each takes four requests of the 3,000 that there are for an hour

/**
 * Cloud 66 compares nothing before it changes something, and knows no request again. So it is looked at right before, and
 * what shows already is not sent: what is left is a moment between the look and the request.
 */
export async function apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  const where = settings.parse(target.settings);
  let core: Core;
  let request: Sent;
  try {
    core = await coreOf(where, use.signal);
    request = await requestFor(where, core, plan, use.signal);
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    return { kind: "refused", reason: `it could not be looked at just before acting: ${error.message}` };
  }
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
  if (plan.action === "rollback") return madeFor(core, plan) !== undefined;
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

function partOf({ parts }: Core, process: string): Part | undefined {
  return parts.find(({ name }) => name === process);
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

/** @throws Invalid where what the plan names is no longer there, Unavailable */
async function requestFor(where: Settings, core: Core, plan: Plan, signal: AbortSignal): Promise<Sent> {
  const { action, arguments: given } = plan;
  if (action === "restart") {
    const one = { command: "service_restart", service_name: given.process };
    return { path: "/actions", body: given.process === undefined ? { command: "restart" } : one };
  }
  if (action === "maintenance")
    return { path: "/actions", body: { command: "maintenance_mode", value: given.maintenance === "on" ? 1 : 0 } };
  if (action === "rollback") {
    const to = core.deployments.find((each) => nameOf(each) === given.release);
    if (to === undefined) throw new Invalid("What it would go back to is no longer there.");
    return { path: "/deployments", body: { git_ref: to.git_hash } };
  }
  const [process = "", count = 0] = Object.entries(given.sizes ?? {})[0] ?? [];
  const part = partOf(core, process);
  if (part === undefined) throw new Invalid(`There is no process called ${process} any more.`);
  // Of the groups of servers only "web" takes containers, and it means all that take some.
  if (isOfContainers(core.stack))
    return { path: "/services", body: { service_name: process, server_group_count: { web: count } } };
  const counts = await spread(where, part, count, signal);
  return { path: "/processes", body: { process_name: process, server_count: counts } };
}

/** As evenly as it goes over the servers that have it; where none has, over those that have the application. */
async function spread(
  where: Settings,
  { servers: now }: Part,
  count: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const all = await serversOf(where, signal);
  const having = all.filter(({ name }) => (now[name] ?? 0) > 0);
  const over = having.length > 0 ? having : all.filter((each) => each.server_roles?.includes("app") === true);
  if (over.length === 0) throw new Invalid("No server of the stack takes processes.");
  const least = Math.floor(count / over.length);
  return Object.fromEntries(over.map(({ uid }, index) => [uid, least + (index < count % over.length ? 1 : 0)]));
}
