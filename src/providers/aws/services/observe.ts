import type { Target } from "../../../domain/catalog.ts";
import type { Observation, Release } from "../../../domain/observation.ts";
import { rolloutOf, troubleOf, versionOf } from "./judge.ts";
import { currentRelease, goesBackTo, isGoingBack, primaryOf, type Core, type Revision } from "./see.ts";
import { short } from "../words.ts";
import { boundsAsSizes } from "../../bounds.ts";
import { told } from "../../facts.ts";

/** A look at a service, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  trouble: "Trouble",
  rollout: "Deployment",
  goesBack: "Would go back to",
  autoscaler: "Autoscaler",
  daemon: "Size",
  deployedBy: "Deployed by",
  image: "Image",
  event: "Last event",
  service: "Service",
} as const;

export function observation(target: Target, core: Core, ran: readonly Revision[]): Observation {
  const { service, bounds } = core;
  const { desiredCount: wanted, runningCount: running } = service;
  const release = currentRelease(core);
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(core),
    health: healthOf(core),
    ...problemOf(core),
    ...(release === undefined ? {} : { release }),
    releases: releasesOf(core, ran),
    sizes: [
      { process: target.name, wanted, running, healthy: running },
      ...(bounds === null ? [] : boundsAsSizes(target.name, bounds)),
    ],
    certificates: [],
    facts: { ...factsOf(core, ran), ...core.unseen },
  };
}

function healthOf(core: Core): Observation["health"] {
  const { desiredCount: wanted, runningCount: running } = core.service;
  if (wanted > 0 && running === 0) return "down";
  return running < wanted || troubleOf(core) !== null ? "degraded" : "ok";
}

function problemOf(core: Core): Pick<Observation, "problem"> {
  if (troubleOf(core) === null) return {};
  const release = currentRelease(core) ?? "the release";
  if (rolloutOf(core).state === "failed") return { problem: `the deployment of ${release} failed` };
  const why = core.stopped?.words ?? null;
  return { problem: `tasks of ${release} do not come up${why === null ? "" : `: ${why}`}` };
}

/** One for each release, the youngest first: going back and restarting make another revision of the same one. */
function releasesOf(core: Core, ran: readonly Revision[]): Release[] {
  const first = new Map<string, Revision>();
  for (const each of ran) first.set(each.release, each); // from the newest to the oldest
  const releases = [...first.values()].map(({ release, createdAt, images }) => ({
    release,
    createdAt: createdAt.toISOString(),
    ...(images.length === 0 ? {} : { summary: images.join(", ") }),
  }));
  const current = currentRelease(core);
  const deployed = primaryOf(core.service)?.createdAt;
  const isKnown = current === undefined || deployed === undefined || first.has(current);
  const all = isKnown ? releases : [...releases, { release: current, createdAt: deployed.toISOString() }];
  return all.toSorted(byAge);
}

/** A family's task definitions are numbered as they are made; what ECS still knows of when they ran goes with the days. */
function byAge(one: Release, other: Release): number {
  const [family, number] = one.release.split(":");
  const [otherFamily, otherNumber] = other.release.split(":");
  if (family === otherFamily) return Number(otherNumber) - Number(number);
  return one.createdAt < other.createdAt ? 1 : -1;
}

const DEPLOYERS: Readonly<Record<string, string>> = { CODE_DEPLOY: "CodeDeploy", EXTERNAL: "a program of its own" };

function factsOf(core: Core, ran: readonly Revision[]): Observation["facts"] {
  const { service, where, bounds, latest } = core;
  const rollout = rolloutOf(core);
  const current = [latest?.to, ...ran].find((each) => each?.release === currentRelease(core));
  const [event] = service.events;
  return told([
    [FACT.trouble, troubleOf(core) ?? undefined],
    [FACT.rollout, isGoingBack(latest) ? "ECS is going back already" : underWay(rollout)],
    [FACT.goesBack, goesBackTo(latest)?.release],
    [FACT.autoscaler, bounds === null ? undefined : `${bounds.min} to ${bounds.max}`],
    [FACT.daemon, service.schedulingStrategy === "DAEMON" ? "one on every machine of the cluster" : undefined],
    [FACT.deployedBy, DEPLOYERS[service.deploymentController.type]],
    [FACT.image, current?.images.join(", ")],
    [FACT.event, event === undefined ? undefined : short(event.message)],
    [FACT.service, `${where.service} in the cluster ${where.cluster} in ${where.region}`],
  ]);
}

function underWay({ state, words }: ReturnType<typeof rolloutOf>): string | undefined {
  return state === "moving" ? words : undefined;
}
