import type { Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { FACT, UPDATES } from "./group-observe.ts";
import { UNSEEN } from "./group-see.ts";
import { INSTANCES } from "./kind.ts";
import { refuseUnseen } from "../sight.ts";
import { movedSizes, sizeChange } from "../size-change.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../draw.ts";

/** What each action would change of a managed instance group, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, "A managed instance group has", request, seen);
}

const DRAW: Draws = {
  scale,
  restart,
};

const INSTANCE = 90_000; // ms in which a machine starts and is looked at, or goes with what it has still to answer

function scale({ sizes = {} }: Arguments, seen: Observation, target: Target): Drawn {
  refuseUnseen(seen, UNSEEN, "scaled");
  const autoscaler = seen.facts[FACT.autoscaler];
  if (autoscaler !== undefined)
    throw new Invalid(`Its autoscaler decides how many run (${autoscaler}), and would set another number at once.`, {
      hint: "Change the autoscaler's bounds where it is declared, or turn it off.",
    });
  const moved = movedSizes(seen, Object.entries(sizes));
  return {
    ...sizeChange(target.service, moved),
    reasons: moved.map(({ before, after }) =>
      after < before
        ? "The group itself chooses which go; what they have to answer they may finish first"
        : `New ones start from the template ${seen.release ?? "of the group"}`,
    ),
    stays: ["template, machine type and disks of the others"],
    takes: INSTANCE,
  };
}

function restart({ process }: Arguments, seen: Observation, target: Target): Drawn {
  if (process !== undefined)
    throw new Invalid("A managed instance group is restarted as one whole.", { hint: "Leave the process out." });
  const how = HOW[seen.facts[FACT.update] ?? ""];
  if (how === undefined)
    throw new Invalid("The group's own update policy does not let all instances be started anew by themselves.", {
      hint: "It takes the type PROACTIVE, and RESTART or REPLACE as a minimal action that is allowed.",
    });
  const count = seen.sizes[0]?.wanted ?? 0;
  return {
    arguments: {},
    risk: how.risk,
    title: `Restart ${target.service} (${target.name})`,
    changes: { [INSTANCES]: ["running", how.after] },
    reasons: [
      `In turns ${how.each}`,
      ...(seen.facts[FACT.turns] === undefined ? [] : [`At once ${seen.facts[FACT.turns]}`]),
    ],
    stays: ["template and number of instances"],
    takes: INSTANCE * Math.max(1, count),
  };
}

type How = { readonly risk: Plan["risk"]; readonly after: string; readonly each: string };

/** What the group's policy does to an instance whose version has another name. */
const HOW: Readonly<Record<string, How>> = {
  [UPDATES.RESTART]: { risk: "low", after: "all restarted", each: "each is restarted, and keeps its disks" },
  [UPDATES.REPLACE]: {
    risk: "high",
    after: "all replaced",
    each: "each is deleted and made anew from the template; what is on its disks alone is lost",
  },
};
