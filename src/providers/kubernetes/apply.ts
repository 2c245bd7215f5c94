import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { outcomeOf, outcomeOfSilence, type Answer } from "../http-json.ts";
import { call, CLUSTER } from "./api.ts";
import { settings, type Settings } from "./settings.ts";
import { changeFor, tokenOn } from "./change.ts";
import type { Change } from "./patch.ts";
import { becoming } from "./judge.ts";
import { MANAGER } from "./rollout.ts";
import { coreOf, revisionsOf, versionOf, type Core, type Revision } from "./see.ts";
import type { ApplyUse, Outcome } from "../provider.ts";
import { seenBefore } from "../seen-before.ts";
import { untilClear } from "../until-clear.ts";

/** Sends a plan's one write, and follows what the cluster makes of it. */

const TRIES = 5; // others write to the same object all the time, such as its own status

type Tried = { readonly kind: "again"; readonly outcome: Outcome } | Outcome;

export async function apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  const where = settings.parse(target.settings);
  let last: Tried = { kind: "refused", reason: "stopped before anything was sent" };
  for (let tries = 0; tries < TRIES && !use.signal.aborted; tries += 1) {
    last = await attempt(where, plan, use);
    if (last.kind === "done") return follow(where, plan, use);
    if (last.kind !== "again") return last;
  }
  return last.kind === "again" ? last.outcome : last;
}

/** `again` where the object was written to meanwhile: surely without an effect of ours, and nothing that matters may have changed. */
async function attempt(where: Settings, plan: Plan, { token, signal }: ApplyUse): Promise<Tried> {
  const before = await seenBefore(async () => {
    const core = await coreOf(where, signal);
    return { core, revision: await revisionFor(core, plan, signal) };
  });
  if ("kind" in before) return before;
  const { core, revision } = before.seen;
  if (tokenOn(core, plan) === token) return { kind: "done", summary: "it was sent before" };
  if (versionOf(core) !== plan.version)
    return { kind: "refused", reason: "it changed since the plan was drawn, so nothing was sent" };
  const change = changeFor(core, plan, { token, revision, now: new Date() });
  if (change === null)
    return { kind: "refused", reason: "what it would go back to is no longer there, so nothing was sent" };
  return (await rehearsed(where, change, signal)) ?? (await sent(where, change, signal));
}

async function revisionFor(
  core: Core,
  { action, arguments: { release } }: Plan,
  signal: AbortSignal,
): Promise<Revision | null> {
  if (action !== "rollback") return null;
  // The newest revision of a release: what a restart or another rollback made of it last.
  return (await revisionsOf(core, signal)).find((each) => each.release === release) ?? null;
}

/** Asks what the cluster would make of it, with all its own rules, without an effect; null where it is what is meant. */
async function rehearsed(where: Settings, change: Change, signal: AbortSignal): Promise<Tried | null> {
  try {
    const answer = await call(where, patch(change, { dryRun: "All" }), signal);
    if (hasMoved(answer, change)) return again(answer);
    const outcome = outcomeOf(answer, CLUSTER);
    // Whatever it says, nothing was sent for real.
    if (outcome !== null) return outcome.kind === "unknown" ? { ...outcome, kind: "refused" } : outcome;
    if (change.expects(answer.body as { spec?: unknown; status?: unknown })) return null;
    return { kind: "refused", reason: "the cluster's own rules would make something else of it, so nothing was sent" };
  } catch (error) {
    const outcome = outcomeOfSilence(error, CLUSTER);
    return outcome.kind === "unknown" ? { kind: "refused", reason: `${outcome.reason}, so nothing was sent` } : outcome;
  }
}

async function sent(where: Settings, change: Change, signal: AbortSignal): Promise<Tried> {
  try {
    const answer = await call(where, patch(change), signal);
    if (hasMoved(answer, change)) return again(answer);
    return outcomeOf(answer, CLUSTER) ?? { kind: "done", summary: "the cluster took it" };
  } catch (error) {
    return outcomeOfSilence(error, CLUSTER);
  }
}

/** Whether it may have been written to since it was read; a list of operations says so as of a value that it cannot take. */
function hasMoved({ status }: Answer, { type }: Change): boolean {
  return status === 409 || (status === 422 && type === "application/json-patch+json");
}

/** Surely without an effect, and looking again tells whether anything that matters has changed. */
function again({ status, body }: Answer): Tried {
  const reason = CLUSTER.says?.(body) ?? `the cluster answered ${status}`;
  return { kind: "again", outcome: { kind: "refused", reason } };
}

function patch({ path, type, body }: Change, more: Readonly<Record<string, string>> = {}) {
  return {
    method: "PATCH",
    path,
    query: { fieldManager: MANAGER, fieldValidation: "Strict", ...more },
    headers: { "content-type": type },
    body,
  };
}

const LATER = 1_000; // ms between two looks at a rollout that takes long

async function follow(where: Settings, plan: Plan, use: ApplyUse): Promise<Outcome> {
  return untilClear(
    async () => becoming(await coreOf(where, use.signal), plan, use.signal),
    { name: CLUSTER.name, later: LATER },
    use,
  );
}
