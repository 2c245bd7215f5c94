import type { Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { parseDuration } from "../../domain/measures.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../draw.ts";
import { refuseOtherProcess } from "../size-change.ts";
import { refuseUnseen } from "../sight.ts";
import { FACT } from "./sql-observe.ts";
import { UNSEEN } from "./sql-see.ts";

/** What each action would change of a Cloud SQL instance, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, "A Cloud SQL instance has", request, seen);
}

const DRAW: Draws = {
  backup,
  restart,
};

const BACKUP = 10 * 60_000; // ms at the least, as nobody knows how much changed since the last one; three times that is waited for it

function backup(_given: Arguments, seen: Observation, target: Target): Drawn {
  const { facts } = seen;
  const replicated = facts[FACT.replica];
  if (replicated !== undefined)
    throw new Invalid("A replica has no backups of its own.", { hint: `Back up ${replicated}, whose replica it is.` });
  const elsewhere = facts[FACT.elsewhere];
  if (elsewhere !== undefined)
    throw new Invalid(`Its backups are taken by ${elsewhere}, as that plans them.`, {
      hint: "Ask for one there, or on Google Cloud's page of the instance.",
    });
  refuseUnseen(seen, UNSEEN, "backed up");
  const { [FACT.location]: location, [FACT.takes]: took = "0s" } = facts;
  return {
    arguments: {},
    risk: "low",
    title: `Back up ${target.service} (${target.name})`,
    changes: { "last good backup": [facts[FACT.lastGood] ?? "none", "a new one"] },
    reasons: [
      ...(facts[FACT.attempt] === undefined ? [] : [`Last attempt: ${facts[FACT.attempt]}`]),
      "The database goes on meanwhile; Google does nothing else to the instance until it is done",
      ...(location === undefined ? [] : [`Stored in ${location}, as the daily ones are`]),
      "It is kept, and costs its storage, until somebody deletes it",
    ],
    stays: ["data and settings, and when backups are taken by themselves"],
    takes: Math.max(BACKUP, parseDuration(took)),
  };
}

const RESTART = 10 * 60_000; // ms; three times that is waited for it, as Google's own connector does

function restart({ process }: Arguments, { facts }: Observation, target: Target): Drawn {
  refuseOtherProcess(process, target);
  const unseen = facts[FACT.unseen];
  if (unseen !== undefined)
    throw new Invalid(`Nothing would show that it was restarted: its restarts are ${unseen}.`, {
      hint: "Allow that to Daytwo's account there; docs/providers/google.md has the least that it takes.",
    });
  if (facts[FACT.stopped] !== undefined)
    throw new Invalid("It is stopped, and only what runs is restarted.", { hint: "Start it where it is declared." });
  const last = facts[FACT.restarted];
  return {
    arguments: {},
    risk: "high",
    title: `Restart ${target.service} (${target.name})`,
    changes: { database: ["running", "restarted"] },
    reasons: [
      "Connections end, and the database is away until it is back",
      "Its caches are empty then, so that it is slower for a while",
      ...(last === undefined ? [] : [`Last restart: ${last}`]),
      "Google compares nothing before it restarts one: it is looked at right before",
    ],
    stays: ["data, settings, addresses and backups"],
    takes: RESTART,
  };
}
