import type { Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation, Release } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { drawBackup } from "./capture.ts";
import { FACT } from "./observe.ts";
import { maintenanceChange } from "../maintenance-change.ts";
import { drawRefresh } from "./refresh.ts";
import { some } from "../../domain/some.ts";
import { UNSEEN } from "./see.ts";
import { refuseUnseen } from "../sight.ts";
import { named, wayTo } from "../release-change.ts";
import { movedSizes, sizeChange, sizesOf } from "../size-change.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../draw.ts";

/** What each action would change of an app, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, "A target on Heroku has", request, seen);
}

const DRAW: Draws = {
  scale,
  rollback,
  restart,
  "renew-cert": (_given, seen, target) => drawRefresh(target, seen),
  maintenance,
  backup: (_given, seen, target) => drawBackup(target, seen),
};

const START = 60_000; // ms in which a dyno that is asked for serves, or Heroku gives it up
const RELEASE = 200_000; // ms with a release phase; three times that is waited for it

function scale({ sizes: asked = {} }: Arguments, seen: Observation, target: Target): Drawn {
  const moved = movedSizes(seen, Object.entries(asked));
  const mayBeUndone = FACT.autoscaling in seen.facts && moved.some(({ process }) => process === "web");
  return {
    ...sizeChange(target.service, moved),
    reasons: [
      `Now ${sizesOf(seen)}`,
      ...(mayBeUndone
        ? ["Dynos of this size may have autoscaling, which Heroku does not show here: it would set another number"]
        : []),
    ],
    stays: ["release, config vars, database and the size of each dyno"],
    takes: START,
  };
}

function rollback({ release: asked }: Arguments, seen: Observation, target: Target): Drawn {
  refuseUnseen(seen, UNSEEN.releases, "rolled back");
  const { to, between, isBack } = wayTo(seen, asked);
  const from = seen.release ?? "unknown";
  const phase = seen.facts[FACT.phase];
  return {
    arguments: { release: to.release },
    risk: "high",
    title: `Roll back ${target.service} ${from} → ${to.release}`,
    changes: { release: [from, to.release] },
    reasons: [
      `Makes a new release, a copy of ${named(to)}; how well it ran cannot be seen`,
      ...(isBack ? [`Takes back ${some(between.map(named))}`] : []),
      configVars(to.release, between),
      "Its release phase, where it has one, runs again and must succeed",
      ...(phase === undefined ? [] : [`In the middle of a release: ${phase}`]),
    ],
    stays: [
      "the database, with what migrations and release phases did to it",
      "add-ons and what is in them",
      "number and size of dynos",
    ],
    takes: RELEASE,
    ...(seen.release === undefined ? {} : { undo: { action: "rollback", arguments: { release: seen.release } } }),
  };
}

/** Which of them change, as far as releases say what they were made for: "Set LEVEL, REGION config vars". */
function configVars(to: string, between: readonly Release[]): string {
  const names = between.flatMap(
    ({ summary = "" }) => /^(?:Set|Remove) (.+) config vars?$/.exec(summary)?.[1]?.split(", ") ?? [],
  );
  const since = names.length === 0 ? "" : `; in between, ${[...new Set(names)].join(", ")} changed`;
  return `Config vars go back too, to what they were at ${to}${since}`;
}

const SWITCH = 10_000; // ms until Heroku's routers hold requests back, or let them through

function maintenance({ maintenance: wanted }: Arguments, seen: Observation, target: Target): Drawn {
  const runsOn = [
    "Visitors see Heroku's maintenance page instead of the app: no web request reaches it",
    "All dynos go on running, workers and what Heroku Scheduler starts too",
  ];
  return {
    ...maintenanceChange(target, wanted, seen, runsOn),
    stays: ["release, config vars, database and number of dynos"],
    takes: SWITCH,
  };
}

const LAST_CHANGE = "Seen by dynos that start after ";

function restart({ process }: Arguments, seen: Observation, target: Target): Drawn {
  if (process !== undefined)
    throw new Invalid("An app on Heroku is restarted as one whole.", { hint: "Leave the process out." });
  const lastChange = seen.facts[FACT.lastChange];
  if (lastChange === undefined) throw new Invalid("No dyno runs, so there is nothing to restart.");
  return {
    arguments: {},
    risk: "low",
    title: `Restart ${target.service} (${target.name})`,
    changes: { dynos: ["running", "all started anew"] },
    reasons: [`Now ${sizesOf(seen)}`, `${LAST_CHANGE}${lastChange}`, "All at once: it may be away while they start"],
    stays: ["release, config vars, database and number of dynos"],
    takes: START,
  };
}

/** When a dyno had changed its state last as this plan to restart them was drawn. */
export function lastChangeBefore({ reasons }: Plan): string | undefined {
  return reasons.find((each) => each.startsWith(LAST_CHANGE))?.slice(LAST_CHANGE.length);
}
