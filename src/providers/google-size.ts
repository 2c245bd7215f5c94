import type { Arguments } from "../domain/action.ts";
import type { Observation } from "../domain/observation.ts";
import { Invalid } from "../errors.ts";

/** How many there are of what has a number at Google: always one thing. */

export const INSTANCES = "instances";

/** @throws Invalid where no other number of them is asked for */
export function sizeAsked({ sizes = {} }: Arguments, seen: Observation): { before: number; after: number } {
  const before = seen.sizes[0]?.wanted ?? 0;
  const { [INSTANCES]: after, ...others } = sizes;
  if (after === undefined || Object.keys(others).length > 0)
    throw new Invalid(`It has ${INSTANCES}, and nothing else that has a number.`, {
      hint: `Like \`${INSTANCES}=${before + 1}\`; there is ${before} ${INSTANCES} now.`,
    });
  if (after === before) throw new Invalid(`It is that size already: ${before} ${INSTANCES}.`);
  return { before, after };
}
