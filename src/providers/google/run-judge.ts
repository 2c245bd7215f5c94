import type { Plan } from "../../domain/action.ts";
import { LATEST } from "./run-plan.ts";
import {
  allTo,
  countOf,
  declaredTo,
  OPERATION,
  RESTARTED,
  sharesOf,
  shortOf,
  troubleOf,
  versionOf,
  type Service,
} from "./run-see.ts";
import type { Verdict } from "../provider.ts";

/** What a Cloud Run service shows of a plan that was, or may have been, applied: Google is at it for a while, and may fail. */
export function judge(service: Service, plan: Plan, token: string): Verdict {
  if (service.annotations[OPERATION] !== token)
    return versionOf(service) === plan.version
      ? { kind: "untouched", seen: "nothing was applied" }
      : { kind: "differs", seen: "somebody else changed it" };
  const { isMeant, isThere, words } = LOOK[plan.action]?.(service, plan, token) ?? NOTHING;
  if (!isMeant) return { kind: "differs", seen: `it was changed again since: ${words}` };
  if (service.reconciling) return { kind: "pending", seen: `Cloud Run is at it: ${words}` };
  if (isThere) return { kind: "holds", seen: words };
  const trouble = troubleOf(service);
  return trouble === null
    ? { kind: "pending", seen: words }
    : { kind: "failed", seen: `${words}; Google says: ${trouble}` };
}

/** Whether it is declared as the plan wants it, and whether that has come about. */
type Look = { readonly isMeant: boolean; readonly isThere: boolean; readonly words: string };
const NOTHING: Look = { isMeant: false, isThere: false, words: "it has no such action" };

const LOOK: Readonly<Partial<Record<Plan["action"], (service: Service, plan: Plan, token: string) => Look>>> = {
  scale(service, { arguments: { sizes = {} } }) {
    const [wanted] = Object.values(sizes);
    return {
      isMeant: countOf(service) === wanted,
      isThere: hasSettled(service),
      words: `${countOf(service)} instances are asked for`,
    };
  },
  rollback(service, { arguments: { release } }) {
    const wanted = release === LATEST ? null : (release ?? "");
    const name = wanted ?? shortOf(service.latestReadyRevision);
    const shares = sharesOf(service);
    return {
      isMeant: declaredTo(service) === declaredTo({ traffic: allTo(service, wanted) }),
      // A newer one that never became ready goes on failing beside it.
      isThere: shares.length === 1 && shares[0]?.[0] === name,
      words: shares.map(([revision, percent]) => `${percent} % of traffic at ${revision}`).join(", ") || "no traffic",
    };
  },
  restart(service, _plan, token) {
    const { latestCreatedRevision: created, latestReadyRevision: ready } = service;
    return {
      isMeant: service.template.annotations[RESTARTED] === token,
      isThere: hasSettled(service) && created === ready && sharesOf(service)[0]?.[0] === shortOf(created),
      words: created === ready ? `revision ${shortOf(created)} is ready` : `revision ${shortOf(created)} is not ready`,
    };
  },
};

/** Whether Google has come to the end of what was declared last, well. */
function hasSettled(service: Service): boolean {
  return service.observedGeneration === service.generation && troubleOf(service) === null;
}
