import type { Arguments, Plan } from "../../domain/action.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { boundsIn, checkOrder, insteadOfNumber, towards } from "../bounds.ts";
import { settings, workloadOf } from "./settings.ts";
import { FACT } from "./observe.ts";
import { isPaused, pause, resume, resumeHint } from "./pausing.ts";
import { toDelete } from "./rollout.ts";
import { keptStays, keptWarning, replaces, takes, underWay, type Subject } from "./plan-words.ts";
import { drawRenewal } from "./renewal.ts";
import { UNSEEN } from "./see.ts";
import { movedSizes, refuseOtherProcess, sizeChange, sizeOf, sizesOf, type Moved } from "../size-change.ts";
import { refuseUnseen } from "../sight.ts";
import { drawBy, type Draw, type Drawn, type Draws, type PlanRequest } from "../draw.ts";

/** What each action would change on a workload, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, "A target on Kubernetes has", request, seen);
}

const DRAW: Draws = {
  scale: onWorkload(scale),
  rollback: onWorkload(rollback),
  restart: onWorkload(restart),
  pause: onWorkload(pause),
  resume: onWorkload(resume),
  "renew-cert": (_given, seen, target) => drawRenewal(target, seen),
};

function onWorkload(draw: (given: Arguments, subject: Subject) => Drawn): Draw {
  return (given, seen, target) => draw(given, { target, seen, ...workloadOf(settings.parse(target.settings)) });
}

function scale(given: Arguments, subject: Subject): Drawn {
  const { seen, target, kind } = subject;
  if (kind === "daemonset")
    throw new Invalid("A DaemonSet runs one pod on every node that fits; it has no size to be set.");
  refuseUnseen(seen, UNSEEN.autoscaler, "scaled");
  const sized = seen.facts[FACT.sized];
  if (sized !== undefined)
    throw new Invalid(`${sized} decides its size, and would put back any other.`, { hint: "Change it there." });
  const asked = Object.entries(given.sizes ?? {});
  for (const [process] of asked) sizeOf(seen, process);
  const wanted = new Map(asked.flatMap(([process, count]) => meant(subject, process, count)));
  checkBounds(subject, wanted);
  const moved = movedSizes(seen, wanted);
  return {
    ...sizeChange(target.service, moved),
    reasons: [`Now ${sizesOf(seen)}`, ...byAutoscaler(subject, asked, moved), ...underWay(seen), ...keptWarning(seen)],
    stays: ["release, configuration and database", ...keptStays(seen)],
    takes: takes(0),
  };
}

/** At none an autoscaler stands aside, unless it went there itself, and from none it starts where it is told to. */
function meant({ target: { name }, seen }: Subject, process: string, count: number): (readonly [string, number])[] {
  const has = boundsIn(seen, name);
  const now = sizeOf(seen, name).wanted;
  const isAsleep = seen.facts[FACT.asleep] !== undefined;
  if (process === name && count === 0 && isAsleep)
    throw new Invalid("Its autoscaler has gone down to none by itself, and starts it when there is work.", {
      hint: `To keep it stopped, set \`${name}=0\` once it runs.`,
    });
  const standsAside = now === 0 && !isAsleep;
  if (process !== name || has === null || count === 0 || standsAside) return [[process, count]];
  return towards(name, count, { now, has });
}

function checkBounds({ target: { name }, seen }: Subject, wanted: ReadonlyMap<string, number>): void {
  const has = boundsIn(seen, name);
  if (has === null) return;
  checkOrder(name, wanted, has);
  if (wanted.has(name) && wanted.size > 1)
    throw new Invalid(`Set either \`${name}\` or its autoscaler's bounds.`, { hint: `There is ${sizesOf(seen)}.` });
}

function byAutoscaler(
  { target: { name }, seen }: Subject,
  asked: readonly (readonly [string, number])[],
  moved: readonly Moved[],
): string[] {
  const has = boundsIn(seen, name);
  if (has === null) return [];
  const stopped = moved.find(({ process, after }) => process === name && after === 0);
  if (stopped !== undefined) return ["At 0 its autoscaler stands aside until somebody sets a number again"];
  const started = moved.find(({ process, before }) => process === name && before === 0);
  if (started !== undefined) return [`From then on its autoscaler decides again, within ${has.min} to ${has.max}`];
  const toNone = moved.some(({ process, after }) => process === `${name}.min` && after === 0);
  if (toNone) return [`Its autoscaler may go down to none, where the cluster lets it; \`${name}=0\` stops it for good`];
  if (!asked.some(([process]) => process === name)) return ["Its autoscaler decides the number within its bounds"];
  return [insteadOfNumber(moved)];
}

function rollback({ release: asked }: Arguments, subject: Subject): Drawn {
  const { seen, target, kind } = subject;
  refusePaused(subject, "rolled back");
  refuseUnseen(seen, UNSEEN.releases, "rolled back");
  const current = seen.releases.findIndex(({ release }) => release === seen.release);
  const to = asked === undefined ? seen.releases[current + 1] : releaseCalled(seen, asked);
  if (to === undefined)
    throw new Invalid(asked === undefined ? "There is no earlier release." : `There is no release ${asked}.`, {
      hint: `There is ${releases(seen)}.`,
    });
  if (to.release === seen.release)
    throw new Invalid(`${to.release} is what runs now.`, { hint: `There is ${releases(seen)}.` });
  const from = seen.release ?? "unknown";
  const pods = sizeOf(seen, target.name).wanted;
  return {
    arguments: { release: to.release },
    risk: "high",
    title: `Roll back ${target.service} ${from} → ${to.release}`,
    changes: { release: [from, to.release] },
    reasons: [
      ...(to.summary === undefined ? [] : [`${to.release} is ${to.summary}`]),
      `How well ${to.release} ran cannot be seen`,
      ...replaces(subject, pods),
      ...held(subject),
      ...underWay(seen),
      ...keptWarning(seen),
    ],
    stays: [
      "the database: migrations since then cannot be seen here",
      "ConfigMaps and Secrets as they are now",
      kind === "daemonset" ? "the nodes that it runs on" : "the number of replicas",
      ...keptStays(seen),
    ],
    takes: takes(pods),
    ...(seen.release === undefined || current === -1
      ? {}
      : { undo: { action: "rollback" as const, arguments: { release: seen.release } } }),
  };
}

function held({ seen, target }: Subject): string[] {
  const pod = seen.facts[FACT.held];
  if (pod === undefined) return [];
  const { namespace } = settings.parse(target.settings);
  return [`A StatefulSet waits for ${pod} all the same: ${toDelete(pod, namespace)} once this is applied`];
}

/** By its whole name, or by its tag alone: then the youngest of that tag. */
function releaseCalled({ releases }: Observation, asked: string): Observation["releases"][number] | undefined {
  const exact = releases.find(({ release }) => release === asked);
  return exact ?? releases.find(({ release }) => release.replace(/\.[0-9a-f]{4}$/, "") === asked);
}

function restart({ process }: Arguments, subject: Subject): Drawn {
  const { seen, target } = subject;
  refuseOtherProcess(process, target);
  refusePaused(subject, "restarted");
  const pods = sizeOf(seen, target.name).wanted;
  return {
    arguments: {},
    risk: "low",
    title: `Restart ${target.service} (${target.name})`,
    changes: { pods: [`${pods} running`, `${pods} started anew`] },
    reasons: [`Now ${sizesOf(seen)}`, ...replaces(subject, pods), ...held(subject), ...underWay(seen)],
    stays: ["release, configuration, database and number of pods"],
    takes: takes(pods),
  };
}

function refusePaused({ seen, name, target }: Subject, what: string): void {
  if (!isPaused(seen)) return;
  throw new Invalid(`${name} is paused: nothing that is changed is rolled out, so it cannot be ${what}.`, {
    hint: resumeHint(target),
  });
}

function releases({ releases: all }: Observation): string {
  return all.length === 0 ? "none" : all.map(({ release }) => release).join(", ");
}
