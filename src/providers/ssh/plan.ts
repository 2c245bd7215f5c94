import type { Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation, Release } from "../../domain/observation.ts";
import { shown } from "../../domain/task.ts";
import { drawTask } from "../../domain/task-plan.ts";
import { Invalid } from "../../errors.ts";
import { settings } from "./settings.ts";
import { drawRenewal } from "./renewal.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../draw.ts";

/** What each action would change on a host, drawn from what was observed. Pure. */

const RESTART = 30_000; // ms that a restart takes; three times that is its limit

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, `${request.target.key} is on a plain host, where there is`, request, seen);
}

const DRAW: Draws = {
  rollback,
  restart,
  "renew-cert": (_given, seen, target) => drawRenewal(target, seen),
  run: (given, _seen, target) => drawTask(given, target),
};

function rollback(given: Arguments, seen: Observation, target: Target): Drawn {
  const there = seen.releases.map(({ release }) => release).join(", ");
  const current = seen.releases.findIndex(({ release }) => release === seen.release);
  const to =
    given.release === undefined
      ? seen.releases[current + 1]
      : seen.releases.find(({ release }) => release === given.release);
  if (to === undefined || seen.release === undefined)
    throw new Invalid(whyNot(given, seen), { hint: `There is ${there === "" ? "none" : there}.` });
  if (to.release === seen.release) throw new Invalid(`${to.release} is what runs now.`, { hint: `There is ${there}.` });
  return {
    arguments: { release: to.release },
    risk: "high",
    title: `Roll back ${target.service} ${seen.release} → ${to.release}`,
    changes: { release: [seen.release, to.release] },
    reasons: [putThere(to), `${SWITCHES}${restarts(target)}`],
    stays: [
      "the database: migrations since then cannot be seen here",
      "what is shared between releases, and configuration",
    ],
    takes: RESTART,
    undo: { action: "rollback", arguments: { release: seen.release } },
  };
}

function whyNot({ release }: Arguments, seen: Observation): string {
  if (seen.release === undefined)
    return "What runs now is no release of this layout, so nothing can be gone back from.";
  return release === undefined ? "There is no earlier release." : `There is no release ${release}.`;
}

function putThere({ release, createdAt, createdBy }: Release): string {
  const by = createdBy === undefined ? "" : ` by ${createdBy}`;
  return `${release} was put there on ${createdAt.slice(0, 10)}${by}; how well it ran cannot be seen`;
}

function restart({ process }: Arguments, seen: Observation, target: Target): Drawn {
  if (process !== undefined && process !== target.name)
    throw new Invalid(`There is no process called ${process}.`, { hint: `There is ${target.name}, as one whole.` });
  return {
    arguments: {},
    risk: "low",
    title: `Restart ${target.service} (${target.name})`,
    changes: { processes: ["as they run", "started anew"] },
    reasons: [
      `${RESTARTS}${restarts(target)}`,
      ...(seen.release === undefined ? [] : [`Release ${seen.release} stays`]),
    ],
    stays: ["release, configuration and database"],
    takes: RESTART,
  };
}

/** What no longer restarts it as people approved it with the plan; null where all is as it was. @throws Invalid where nothing does */
export function restartMovedFrom(target: Target, { action, reasons }: Plan): string | null {
  const isSame = action === "run" || [SWITCHES, RESTARTS].some((words) => reasons.includes(words + restarts(target)));
  return isSame ? null : "the catalog names another program";
}

const SWITCHES = "Switches the link and then restarts: ";
const RESTARTS = "Restarts: ";

/** What restarts it, for people. @throws Invalid where nothing is named */
function restarts(target: Target): string {
  const { unit, restart: argv } = settings.parse(target.settings);
  if (unit !== undefined) return unit;
  if (argv !== undefined) return shown(argv);
  throw new Invalid(`Nothing says what restarts ${target.key}, so it is only looked at.`, {
    hint: "Name its `unit`, or the program that does it as `restart`, in the catalog.",
  });
}
