import type { OnOff, Plan } from "../domain/action.ts";
import type { Target } from "../domain/catalog.ts";
import { MAINTENANCE_MODE, type Observation } from "../domain/observation.ts";
import { Invalid } from "../errors.ts";

/** Maintenance mode in plans: the same words, whatever runs there. */

type Changed = Pick<Plan, "arguments" | "risk" | "title" | "changes" | "reasons" | "undo">;

/** `runsOn`: what visitors see, and what goes on meanwhile. @throws Invalid when it is so already, or nobody can tell */
export function maintenanceChange(
  { key, service }: Target,
  wanted: OnOff | undefined,
  { maintenance }: Observation,
  runsOn: readonly string[],
): Changed {
  if (wanted === undefined)
    throw new Invalid("On or off?", { hint: `Like \`/day2 maintenance ${service} on for 1h\`.` });
  if (maintenance === undefined) throw new Invalid(`Whether ${key} is in maintenance mode cannot be seen.`);
  const { mode: now } = maintenance;
  if (now === wanted) throw new Invalid(`Maintenance mode is ${now} already.`);
  const changed = { arguments: { maintenance: wanted }, changes: { [MAINTENANCE_MODE]: [now, wanted] as const } };
  if (wanted === "off")
    return {
      ...changed,
      risk: "low",
      title: `Take ${key} out of maintenance mode`,
      reasons: ["Visitors are let in again"],
    };
  return {
    ...changed,
    risk: "high",
    title: `Put ${key} into maintenance mode`,
    reasons: [
      ...runsOn,
      `Checks of what visitors see fail meanwhile, and ask people as ever: “/day2 window ${service} now for 1h reason” has them ask nobody`,
    ],
    undo: { action: "maintenance", arguments: { maintenance: now } },
  };
}
