import type { Plan } from "../../domain/action.ts";
import { LONGEST_WORD } from "./api.ts";
import { readImages } from "./images.ts";
import { actionBefore } from "./plan.ts";
import {
  isOfMaintenance,
  liveOf,
  modeOf,
  nameOf,
  newestAt,
  releaseOf,
  saidOf,
  stateOf,
  underWayOf,
  versionOf,
  type Begun,
  type Core,
  type Deployment,
} from "./see.ts";
import type { Verdict } from "../provider.ts";

/** What a stack shows of a plan that was, or may have been, applied: whoever did it, for Cloud 66 keeps no token. */

/** Whether it is what Cloud 66 begins for such a plan, by what it calls it. */
function isFor({ action, arguments: { process } }: Plan, begun: Begun): boolean {
  if (action === "restart") return begun.action === (process === undefined ? "restart" : "service_restart");
  if (action === "maintenance") return isOfMaintenance(begun);
  if (action === "reboot") return /stack.?reboot/i.test(begun.action);
  return (action === "scale" ? /scale/i : /deploy/i).test(begun.action);
}

/** `since`: the number of an action after which that of the plan was begun. */
export function judge(core: Core, plan: Plan, since = actionBefore(plan)): Verdict {
  const begun = core.actions.find((each) => each.id > since && isFor(plan, each));
  if (plan.action === "rollback") return (isOfImages(plan) ? ofImages : ofDeployment)(core, plan, begun);
  if (plan.action === "maintenance") return ofMaintenance(core, plan, begun);
  return plan.action === "scale" ? ofSize(core, plan, begun) : ofBegun(core, plan, begun);
}

/** The deployment that a plan to go back asked for; by its commit, and after all that there were as it was drawn. */
export function madeFor({ deployments }: Core, plan: Plan): Deployment | undefined {
  const after = newestAt(plan.version);
  return deployments.find((each) => each.id > after && nameOf(each) === plan.arguments.release);
}

function ofDeployment(core: Core, plan: Plan, begun: Begun | undefined): Verdict {
  const made = madeFor(core, plan);
  const now = `${releaseOf(core)} is live`;
  if (made === undefined) return ofAction(begun) ?? otherwise(core, plan, now);
  const own = saidOf(made);
  const state = stateOf(made);
  if (state === "under way") return { kind: "pending", seen: `${own} is under way` };
  if (state === "failed") return { kind: "failed", seen: `${own} failed; ${now}` };
  const underWay = underWayOf(core);
  if (underWay !== null) return { kind: "pending", seen: `${own} has ended, and ${underWay}` };
  const live = liveOf(core);
  if (live !== undefined && nameOf(live) === nameOf(made)) return { kind: "holds", seen: `${now}, by ${own}` };
  return { kind: core.deployments[0] === made ? "pending" : "differs", seen: now };
}

/** Whether it goes back to images, which no deployment says that it brought: what runs tells. */
export function isOfImages({ arguments: { release } }: Plan): boolean {
  return readImages(release ?? "") !== undefined;
}

function ofImages(core: Core, plan: Plan, begun: Begun | undefined): Verdict {
  const now = `${releaseOf(core)} is live`;
  const underWay = underWayOf(core);
  if (underWay !== null) return { kind: "pending", seen: underWay };
  const [last] = core.deployments;
  const isNew = last !== undefined && last.id > newestAt(plan.version);
  if (isNew && stateOf(last) === "failed") return { kind: "failed", seen: `${saidOf(last)} failed; ${now}` };
  if (releaseOf(core) === plan.arguments.release)
    return { kind: "holds", seen: isNew ? `${now}, by ${saidOf(last)}` : now };
  const unclear = ofAction(begun);
  if (unclear !== null) return unclear;
  // One has ended since, and what its containers run may be listed later.
  return isNew && begun !== undefined ? { kind: "pending", seen: now } : otherwise(core, plan, now);
}

function ofSize(core: Core, plan: Plan, begun: Begun | undefined): Verdict {
  const [process = "", wanted = 0] = Object.entries(plan.arguments.sizes ?? {})[0] ?? [];
  const part = core.parts.find(({ name }) => name === process);
  const seen = `${part?.healthy ?? 0} of ${wanted} ${process} there`;
  const unclear = ofAction(begun);
  if (unclear !== null) return { ...unclear, seen: `${unclear.seen}; ${seen}` };
  const isSet = part?.wanted === wanted;
  if (!isSet && begun === undefined) return otherwise(core, plan, `${process} is to be ${part?.wanted ?? 0}`);
  return { kind: isSet && part.running === wanted && part.healthy === wanted ? "holds" : "pending", seen };
}

function ofMaintenance(core: Core, plan: Plan, begun: Begun | undefined): Verdict {
  const unclear = ofAction(begun);
  if (unclear !== null) return unclear;
  const mode = modeOf(core);
  const seen = `maintenance mode is ${mode ?? "not told"}`;
  if (mode === plan.arguments.maintenance) return { kind: "holds", seen };
  return begun === undefined ? otherwise(core, plan, seen) : { kind: "pending", seen };
}

/** Of what shows by nothing but that Cloud 66 did it. */
function ofBegun(core: Core, plan: Plan, begun: Begun | undefined): Verdict {
  if (begun === undefined) return otherwise(core, plan, "it was not begun, and it changed");
  return ofAction(begun) ?? { kind: "holds", seen: `${begun.action} ${begun.id} has ended well${said(begun)}` };
}

/** Null where it has ended well, and where there is none. */
function ofAction(begun: Begun | undefined): Verdict | null {
  if (begun === undefined) return null;
  const { id, action, finished_at: end, finished_success: isGood } = begun;
  if ((end ?? "") === "" || typeof isGood !== "boolean")
    return { kind: "pending", seen: `${action} ${id} is under way` };
  if (isGood) return null;
  return { kind: "failed", seen: `${action} ${id} failed${said(begun)}` };
}

/** What Cloud 66 said at its end. */
function said({ finished_message: message }: Begun): string {
  return (message ?? "") === "" ? "" : `: ${message?.slice(0, LONGEST_WORD)}`;
}

/** Of what shows nothing of the plan. */
function otherwise(core: Core, { version }: Plan, now: string): Verdict {
  const underWay = underWayOf(core);
  if (underWay !== null) return { kind: "pending", seen: underWay };
  const isSame = versionOf(core) === version;
  return isSame ? { kind: "untouched", seen: "nothing was applied" } : { kind: "differs", seen: now };
}
