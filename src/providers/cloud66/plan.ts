import type { Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { FACT } from "./observe.ts";
import { rollbackOfImages } from "./plan-images.ts";
import { maintenanceChange } from "../maintenance-change.ts";
import { some } from "../../domain/some.ts";
import { named, wayTo } from "../release-change.ts";
import { movedSizes, sizeChange, sizeOf, sizesOf } from "../size-change.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../draw.ts";

/** What each action would change of a stack, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  const underWay = seen.facts[FACT.underWay];
  if (underWay !== undefined)
    throw new Invalid(`Not now: ${underWay}.`, {
      hint: "Cloud 66 would only queue it behind that. Ask again when that has ended; its dashboard can cancel it.",
    });
  const plan = drawBy(DRAW, "A target on Cloud 66 has", request, seen);
  return { ...plan, reasons: [...plan.reasons, `${SEEN_BY}${lastActionOf(seen)}`] };
}

const DRAW: Draws = {
  scale,
  rollback,
  restart,
  maintenance,
  reboot,
};

const SEEN_BY = "Seen by what Cloud 66 begins after its action ";

function lastActionOf(seen: Observation): number {
  return Number.parseInt(seen.facts[FACT.lastAction] ?? "0", 10);
}

/** The number of the last action that there was as this plan was drawn. */
export function actionBefore({ reasons }: Plan): number {
  const said = reasons.find((each) => each.startsWith(SEEN_BY)) ?? "";
  return Number(said.slice(SEEN_BY.length));
}

function isOfContainers({ facts }: Observation): boolean {
  return FACT.containers in facts;
}

const QUICK = 120_000; // ms until processes or containers have come and gone
const DEPLOYMENT = 600_000; // ms; three times that is waited for it

function scale({ sizes: asked = {} }: Arguments, seen: Observation, target: Target): Drawn {
  const moved = movedSizes(seen, Object.entries(asked));
  if (moved.length > 1)
    throw new Invalid("Cloud 66 sets the size of one process at a time.", { hint: "Ask for each by itself." });
  const spread = seen.facts[FACT.processes] ?? "on none";
  return {
    ...sizeChange(target.service, moved),
    reasons: [
      `Now ${sizesOf(seen)}`,
      isOfContainers(seen)
        ? "Cloud 66 places the containers"
        : `Spread evenly over the servers that have it: now ${spread}`,
    ],
    stays: ["release, environment variables, database and servers"],
    takes: QUICK,
  };
}

function rollback({ release: asked }: Arguments, seen: Observation, target: Target): Drawn {
  if (isOfContainers(seen)) return { ...rollbackOfImages(asked, seen, target), takes: DEPLOYMENT };
  const { from, to, between, isBack } = wayTo(seen, asked);
  const now = seen.release ?? "unknown";
  return {
    arguments: { release: to.release },
    risk: "high",
    title: `Roll back ${target.service} ${now} → ${to.release}`,
    changes: { release: [now, to.release] },
    reasons: [
      `Deploys the commit of ${named(to)} anew; how well it ran cannot be seen`,
      ...(isBack ? [`Takes back ${some(between.map(named))}`] : []),
      "Its code goes back; deploy hooks run again, with the environment variables of today",
      "Nothing changes in git: the next deployment of the branch brings its newest commit again",
    ],
    stays: ["the database, with what migrations did to it", "environment variables and settings", "servers and sizes"],
    takes: DEPLOYMENT,
    ...(from === undefined ? {} : { undo: { action: "rollback", arguments: { release: from.release } } }),
  };
}

function restart({ process }: Arguments, seen: Observation, target: Target): Drawn {
  if (process === undefined)
    return {
      arguments: {},
      risk: "high",
      title: `Restart ${target.service} (${target.name})`,
      changes: { stack: ["running", "restarted"] },
      reasons: ["All components of the stack, its web server and databases too: it may be away meanwhile"],
      stays: ["release, environment variables and sizes"],
      takes: QUICK,
    };
  if (!isOfContainers(seen))
    throw new Invalid("Only a service of containers is restarted alone.", { hint: "Leave the process out." });
  sizeOf(seen, process);
  return {
    arguments: { process },
    risk: "low",
    title: `Restart ${target.service} ${process}`,
    changes: { [process]: ["running", "restarted"] },
    reasons: [`All containers of ${process}; now ${sizesOf(seen)}`],
    stays: ["release, environment variables, database and sizes"],
    takes: QUICK,
  };
}

function maintenance({ maintenance: wanted }: Arguments, seen: Observation, target: Target): Drawn {
  return {
    ...maintenanceChange(target, wanted, seen, [
      "Visitors see the stack's maintenance page instead of the application",
    ]),
    stays: ["release, environment variables, database, servers and sizes"],
    takes: QUICK,
  };
}

const REBOOT = 180_000; // ms until a server is back

/** Cloud 66 can reboot one server alone too, but does not document how what came of that is told apart. */
function reboot(_given: Arguments, seen: Observation, target: Target): Drawn {
  const all = seen.servers ?? [];
  if (all.length === 0) throw new Invalid("None of its servers can be seen now.");
  const spared = all.filter(({ needsReboot }) => needsReboot === undefined).map(({ name }) => name);
  return {
    arguments: {},
    risk: "high",
    title: `Reboot ${all.length === 1 ? all[0]?.name : `all ${all.length} servers`} of ${target.service} (${target.name})`,
    changes: Object.fromEntries(all.map(({ name }) => [name, ["running", "rebooted"]])),
    reasons: [
      "One after another: Cloud 66 is asked for the strategy serial",
      `What runs on it is away meanwhile: ${some(all.map(({ name, roles }) => `${name} (${roles.join(" ") || "no role"})`))}`,
      ...(spared.length > 0 ? [`Without need: ${some(spared)}; all servers of the stack are rebooted`] : []),
      "That it needed a reboot, Cloud 66 may go on saying for up to 12 hours",
    ],
    stays: ["release, environment variables and sizes", "what is on its disks"],
    takes: all.length * REBOOT,
  };
}
