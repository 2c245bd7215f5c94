import type { Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation, Release } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { FACT } from "./run-observe.ts";
import { INSTANCES } from "./kind.ts";
import { some } from "../../domain/some.ts";
import { named } from "../release-change.ts";
import { movedSizes, sizeChange } from "../size-change.ts";
import { refuseUnseen } from "../sight.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../draw.ts";

/** What each action would change of a Cloud Run service, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, "A Cloud Run service has", request, seen);
}

const DRAW: Draws = {
  scale,
  rollback,
  restart,
};

/** Instead of a revision's name: whichever is the newest that is ready, from now on. */
export const LATEST = "latest";

const SOON = 60_000; // ms in which it is done as a rule
const START = 180_000; // ms for a revision that has to start first

function scale({ sizes = {} }: Arguments, seen: Observation, target: Target): Drawn {
  const moved = movedSizes(seen, Object.entries(sizes));
  const isExact = FACT.manual in seen.facts;
  const most = seen.facts[FACT.most];
  const isOff = isExact && moved.some(({ after }) => after === 0);
  return {
    ...sizeChange(target.service, moved),
    ...(isOff ? { risk: "high" } : {}),
    reasons: [
      isExact
        ? "Exactly so many run, whatever the traffic: nobody adds more"
        : `So many run at the least; with traffic Cloud Run adds more${most === undefined ? "" : `, ${most} at most`}`,
      ...(isOff ? ["With none the service is switched off: every request fails"] : []),
      ...(moved.some(({ before, after }) => after > before) ? ["Instances that wait cost money too"] : []),
    ],
    stays: ["revision, traffic and configuration; whether it scales by itself"],
    takes: SOON,
  };
}

function rollback({ release: asked }: Arguments, seen: Observation, target: Target): Drawn {
  refuseUnseen(seen, FACT.unseen, "rolled back");
  const to = asked === LATEST ? newestOf(seen) : earlierOf(asked, seen);
  const from = seen.release ?? "nothing";
  const split = seen.facts[FACT.split];
  const isPinned = FACT.pinned in seen.facts;
  if (asked !== LATEST && to.release === seen.release && split === undefined)
    throw new Invalid(`${to.release} is what runs now.`, isPinned ? { hint: UNPIN } : {});
  const before = isPinned ? seen.release : LATEST;
  return {
    arguments: { release: asked === LATEST ? LATEST : to.release },
    risk: "high",
    title: `Roll back ${target.service} ${from} → ${asked === LATEST ? `${LATEST} (${to.release})` : to.release}`,
    changes: { release: [from, to.release] },
    reasons: [
      `Sends all traffic to ${named(to)}, which is there already; how well it ran cannot be seen`,
      ...(split === undefined ? [] : [`Now ${split}`]),
      asked === LATEST
        ? "From then on what is deployed gets the traffic again"
        : "Code, environment and settings are those that it was made with",
    ],
    stays: [
      ...(asked === LATEST ? [] : [`traffic stays pinned: what is deployed later gets none until ${back(target)}`]),
      "databases and whatever else is outside the service",
      `the number of ${INSTANCES}`,
    ],
    takes: SOON,
    ...(before === undefined || split !== undefined
      ? {}
      : { undo: { action: "rollback", arguments: { release: before } } }),
  };
}

const UNPIN = `\`to ${LATEST}\` sends traffic to the newest again, and to whatever is deployed later.`;

function back({ service }: Target): string {
  return `\`rollback ${service} to ${LATEST}\``;
}

/** @throws Invalid */
function newestOf({ releases, facts }: Observation): Release {
  if (!(FACT.pinned in facts)) throw new Invalid("Traffic goes to the newest revision already.");
  const [newest] = releases;
  if (newest === undefined) throw new Invalid("There is no revision that is ready.");
  return newest;
}

/** @throws Invalid */
function earlierOf(asked: string | undefined, { releases, release: current }: Observation): Release {
  const names = releases.map(({ release }) => release);
  const at = names.indexOf(current ?? "");
  const to = asked === undefined && at !== -1 ? releases[at + 1] : releases[names.indexOf(asked ?? "")];
  if (to !== undefined) return to;
  const what = asked === undefined ? "There is no earlier revision." : `There is no revision ${asked} to go to.`;
  throw new Invalid(what, { hint: `There is ${some(names, OFFERED) || "none"}. ${UNPIN}` });
}

const OFFERED = 10;

function restart({ process }: Arguments, seen: Observation, target: Target): Drawn {
  if (process !== undefined)
    throw new Invalid("A Cloud Run service is restarted as one whole.", { hint: "Leave the process out." });
  const { [FACT.newest]: newest, [FACT.image]: image = "" } = seen.facts;
  if (FACT.pinned in seen.facts)
    throw new Invalid("Traffic is pinned, so that a new revision would get none.", {
      hint: `${back(target)} sends it to the newest; then it can be restarted.`,
    });
  if (newest !== undefined || seen.release === undefined)
    throw new Invalid(`It would be made anew like ${newest ?? "what was deployed last"}, which is not what serves.`, {
      hint: "Deploy what is to run, or roll back.",
    });
  const isFixed = image.split(", ").every((each) => each.includes("@sha256:"));
  return {
    arguments: {},
    risk: isFixed ? "low" : "high",
    title: `Restart ${target.service} (${target.name})`,
    changes: { instances: ["running", "all started anew"] },
    reasons: [
      `Makes a new revision like ${seen.release}; traffic moves to it once it is ready`,
      ...(isFixed ? [] : [`It runs what ${image} is by then: a tag may have moved since`]),
    ],
    stays: ["code, environment and settings, as they are declared", `the number of ${INSTANCES}`],
    takes: START,
  };
}
