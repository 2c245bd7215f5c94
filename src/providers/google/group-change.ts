import type { Plan } from "../../domain/action.ts";
import { pathOf, type Sent, type Settings } from "./api.ts";
import { isUp, requestIdOf, troubleOf, versionOf, type Group } from "./group-see.ts";
import { INSTANCES } from "./kind.ts";
import type { Verdict } from "../provider.ts";

/**
 * The one request that a plan for a managed instance group comes to. A size has a request of its own, which compares
 * nothing: what keeps it apart from others is the look just before. An update is taken only while the group's fingerprint
 * is the one that was read; another name for each version is all that it changes, and the group's policy does the rest.
 */
export function change(where: Settings, group: Group, { action, arguments: given }: Plan, token: string): Sent {
  const requestId = requestIdOf(token);
  if (action === "scale") {
    const size = String(given.sizes?.[INSTANCES]);
    return { method: "POST", path: pathOf(where, "/resize"), query: { size, requestId } };
  }
  const versions = group.versions.map(({ instanceTemplate, targetSize: { fixed, percent } = {} }, at) => ({
    name: nameFor(token, at),
    instanceTemplate,
    ...(fixed === undefined && percent === undefined ? {} : { targetSize: { fixed, percent } }),
  }));
  const body = { fingerprint: group.fingerprint, versions };
  return { method: "PATCH", path: pathOf(where), query: { requestId }, body };
}

function nameFor(token: string, at: number): string {
  return `daytwo-${requestIdOf(token).slice(0, 13)}-${at}`;
}

/** That Google took it means that it is scheduled: it is done when every instance is there and nothing is being changed. */
export function judge(group: Group, plan: Plan, token: string): Verdict {
  const { targetSize: wanted, status, instances, versions } = group;
  const up = instances.filter(isUp);
  const words = `${up.length} of ${wanted} instances up`;
  const names = versions.map((_, at) => nameFor(token, at));
  const isScale = plan.action === "scale";
  const isMeant = isScale
    ? wanted === plan.arguments.sizes?.[INSTANCES]
    : versions.every(({ name }, at) => name === names[at]);
  if (!isMeant)
    return versionOf(group) === plan.version
      ? { kind: "untouched", seen: "nothing was applied" }
      : { kind: "differs", seen: `somebody else changed it, ${words}` };
  const isAnew = isScale || up.every(({ version }) => names.includes(version.name ?? ""));
  if (isAnew && status.isStable && up.length === wanted) return { kind: "holds", seen: words };
  const trouble = troubleOf(group);
  return { kind: "pending", seen: trouble === null ? words : `${words}; Google says: ${trouble}` };
}
