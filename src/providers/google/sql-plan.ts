import type { Action, Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { parseDuration } from "../../domain/measures.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import { FACT } from "./sql-observe.ts";

/** What a backup would change of a Cloud SQL instance, drawn from what was observed. Pure. */

type Request = { readonly action: Action; readonly arguments: Arguments; readonly target: Target };

const LEAST = 10 * 60_000; // ms, as nobody knows how much changed since the last one; three times that is waited for it

/** @throws Invalid when the observation does not allow it, naming what would be possible */
export function drawPlan({ action, target }: Request, { version, facts }: Observation): Plan {
  if (action !== "backup") throw new Invalid(`A Cloud SQL instance has no ${action}.`, { hint: "There is backup." });
  const replicated = facts[FACT.replica];
  if (replicated !== undefined)
    throw new Invalid("A replica has no backups of its own.", { hint: `Back up ${replicated}, whose replica it is.` });
  const elsewhere = facts[FACT.elsewhere];
  if (elsewhere !== undefined)
    throw new Invalid(`Its backups are taken by ${elsewhere}, as that plans them.`, {
      hint: "Ask for one there, or on Google Cloud's page of the instance.",
    });
  const { [FACT.location]: location, [FACT.takes]: took = "0s" } = facts;
  return {
    action,
    target: target.key,
    version,
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
    takes: Math.max(LEAST, parseDuration(took)),
  };
}
