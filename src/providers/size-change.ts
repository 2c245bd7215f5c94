import type { Plan } from "../domain/action.ts";
import type { Target } from "../domain/catalog.ts";
import type { Observation, Size } from "../domain/observation.ts";
import { Invalid } from "../errors.ts";

/** Sizes in plans: the same words, whatever runs there. */

/** "2 web, 1 worker" */
export function sizesOf({ sizes }: Observation): string {
  return sizes.map(({ process, wanted }) => `${wanted} ${process}`).join(", ") || "none";
}

/** @throws Invalid naming the processes that there are */
export function sizeOf(seen: Observation, process: string): Size {
  const size = seen.sizes.find((each) => each.process === process);
  if (size === undefined)
    throw new Invalid(`There is no process called ${process}.`, { hint: `There is ${sizesOf(seen)}.` });
  return size;
}

/** @throws Invalid for a process of what runs as one whole, under its target's name */
export function refuseOtherProcess(process: string | undefined, { name }: Target): void {
  if (process === undefined || process === name) return;
  throw new Invalid(`There is no process called ${process}.`, { hint: `There is ${name}.` });
}

export type Moved = { readonly process: string; readonly before: number; readonly after: number };

/** Those of the wanted sizes that are others than now. @throws Invalid when none is, or there is no such process */
export function movedSizes(seen: Observation, wanted: Iterable<readonly [process: string, count: number]>): Moved[] {
  const moved = [...wanted]
    .map(([process, after]) => ({ process, before: sizeOf(seen, process).wanted, after }))
    .filter(({ before, after }) => before !== after);
  if (moved.length === 0) throw new Invalid(`It is that size already: ${sizesOf(seen)}.`);
  return moved;
}

/** What a plan says of them. */
export function sizeChange(
  service: string,
  moved: readonly Moved[],
): Pick<Plan, "arguments" | "risk" | "title" | "changes" | "undo"> {
  return {
    arguments: { sizes: Object.fromEntries(moved.map(({ process, after }) => [process, after])) },
    risk: "low",
    title: `Scale ${service} ${moved.map(({ process, before, after }) => `${process} ${before} → ${after}`).join(", ")}`,
    changes: Object.fromEntries(moved.map(({ process, before, after }) => [process, [String(before), String(after)]])),
    undo: {
      action: "scale",
      arguments: { sizes: Object.fromEntries(moved.map(({ process, before }) => [process, before])) },
    },
  };
}
