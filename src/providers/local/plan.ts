import type { Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { formatDuration } from "../../domain/measures.ts";
import type { Observation, Release } from "../../domain/observation.ts";
import { drawTask } from "../../domain/task-plan.ts";
import { Invalid } from "../../errors.ts";
import { movedSizes, sizeChange, sizeOf, sizesOf } from "../size-change.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../draw.ts";

/** What each action would change on the local fleet, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, `${request.target.key} is on the local fleet, where there is`, request, seen);
}

const DRAW: Draws = {
  scale,
  rollback,
  restart,
  "renew-cert": renew,
  run: (given, _seen, target) => drawTask(given, target),
};

const RAN_WELL = 600; // seconds that a release must have served well to be gone back to alone
const PER_PROCESS = 4_000; // ms to start or drain one process, seen on a small machine

function scale(given: Arguments, seen: Observation, target: Target): Drawn {
  const moved = movedSizes(seen, Object.entries(given.sizes ?? {}));
  const steps = moved.reduce((sum, { before, after }) => sum + Math.abs(after - before), 0);
  return {
    ...sizeChange(target.service, moved),
    reasons: [`Now ${sizesOf(seen)}`],
    stays: ["release, configuration and database"],
    takes: steps * PER_PROCESS,
  };
}

function rollback(given: Arguments, seen: Observation, target: Target): Drawn {
  const current = seen.releases.findIndex((each) => each.release === seen.release);
  const to =
    given.release === undefined
      ? seen.releases[current + 1]
      : seen.releases.find((each) => each.release === given.release);
  if (to === undefined)
    throw new Invalid(
      given.release === undefined ? "There is no earlier release." : `There is no release ${given.release}.`,
      { hint: `There is ${releases(seen)}.` },
    );
  if (to.release === seen.release)
    throw new Invalid(`${to.release} is what runs now.`, { hint: `There is ${releases(seen)}.` });
  const all = seen.sizes.reduce((sum, each) => sum + each.wanted, 0);
  const from = seen.release ?? "unknown";
  return {
    arguments: { release: to.release },
    risk: "high",
    title: `Roll back ${target.service} ${from} → ${to.release}`,
    changes: { release: [from, to.release] },
    reasons: [ranWell(to), `Replaces code on ${sizesOf(seen)}, one at a time`],
    stays: ["the database: migrations since then cannot be seen here", "configuration and number of processes"],
    takes: all * PER_PROCESS,
    restores: current !== -1 && seen.releases.indexOf(to) > current && (to.healthySeconds ?? 0) >= RAN_WELL,
    undo: seen.release === undefined ? undefined : { action: "rollback", arguments: { release: seen.release } },
  };
}

function ranWell({ release, healthySeconds }: Release): string {
  return healthySeconds === undefined
    ? `How well ${release} ran cannot be seen`
    : `${release} ran ${formatDuration(healthySeconds * 1_000)} with all checks of the fleet passing`;
}

function restart(given: Arguments, seen: Observation, target: Target): Drawn {
  const { process } = given;
  const count =
    process === undefined ? seen.sizes.reduce((sum, each) => sum + each.wanted, 0) : sizeOf(seen, process).wanted;
  const what = process ?? "all processes";
  return {
    arguments: process === undefined ? {} : { process },
    risk: "low",
    title: `Restart ${target.service} (${what})`,
    changes: { processes: [`${count} running`, `${count} started anew, one at a time`] },
    reasons: [`Now ${sizesOf(seen)}`],
    stays: ["release, configuration, database and number of processes"],
    takes: count * PER_PROCESS,
  };
}

function renew(_given: Arguments, seen: Observation, target: Target): Drawn {
  const [certificate] = seen.certificates;
  if (certificate === undefined) throw new Invalid(`${target.key} serves no certificate.`);
  return {
    arguments: {},
    risk: "low",
    title: `Renew the certificate of ${certificate.servername}`,
    changes: {
      certificate: [
        `serial ${certificate.serial}, until ${certificate.notAfter.slice(0, 10)}`,
        "a new one from the development CA",
      ],
    },
    reasons: [`${certificate.address} is read until the new serial stays`],
    stays: ["names, key type and address"],
    takes: 10_000,
  };
}

function releases(seen: Observation): string {
  return seen.releases.map((each) => each.release).join(", ");
}
