import type { Action, Arguments, Plan } from "../domain/action.ts";
import type { Target } from "../domain/catalog.ts";
import type { Observation } from "../domain/observation.ts";
import { Invalid } from "../errors.ts";

/** Drawing plans by a table of the actions that there are. Pure. */

export type PlanRequest = { readonly action: Action; readonly arguments: Arguments; readonly target: Target };

/** What an action's own part of its plan says. */
export type Drawn = Omit<Plan, "action" | "target" | "version">;

export type Draw = (given: Arguments, seen: Observation, target: Target) => Drawn;
export type Draws = Readonly<Partial<Record<Action, Draw>>>;

/**
 * The plan of an action, bound to the version that was seen. `has` begins what is said of an action that is not in the
 * table: "A target on Heroku has".
 *
 * @throws Invalid when the observation does not allow it, naming what would be possible
 */
export function drawBy(draws: Draws, has: string, request: PlanRequest, seen: Observation): Plan {
  const { action, arguments: given, target } = request;
  const draw = draws[action];
  if (draw === undefined)
    throw new Invalid(`${has} no ${action}.`, { hint: `There is ${Object.keys(draws).join(", ")}.` });
  return { action, target: target.key, version: seen.version, ...draw(given, seen, target) };
}
