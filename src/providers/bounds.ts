import type { Observation, Size } from "../domain/observation.ts";
import { Invalid } from "../errors.ts";
import type { Moved } from "./size-change.ts";

/**
 * The bounds within which an autoscaler decides a number. They are sizes too, `web.min` and `web.max`: they are what can be
 * set, and what is to be as it was afterwards.
 */

export type Bounds = { readonly min: number; readonly max: number };

export function boundsAsSizes(name: string, { min, max }: Bounds): Size[] {
  return [
    { process: `${name}.min`, wanted: min, running: min, healthy: min },
    { process: `${name}.max`, wanted: max, running: max, healthy: max },
  ];
}

export function boundsIn({ sizes }: Observation, name: string): Bounds | null {
  const [min, max] = ["min", "max"].map((end) => sizes.find(({ process }) => process === `${name}.${end}`));
  return min === undefined || max === undefined ? null : { min: min.wanted, max: max.wanted };
}

/** Where an autoscaler decides a number: more than now, and at least so many are to run; fewer, and at most. */
export function towards(
  name: string,
  count: number,
  { now, has }: { readonly now: number; readonly has: Bounds },
): (readonly [process: string, count: number])[] {
  const [least, most] = [[`${name}.min`, count] as const, [`${name}.max`, count] as const];
  if (count > now) return count > has.max ? [least, most] : [least];
  if (count < now) return count < has.min ? [least, most] : [most];
  return [[name, count]];
}

/** @throws Invalid */
export function checkOrder(name: string, wanted: ReadonlyMap<string, number>, has: Bounds): void {
  const min = wanted.get(`${name}.min`) ?? has.min;
  const max = wanted.get(`${name}.max`) ?? has.max;
  if (min > max)
    throw new Invalid(`Its least would be ${min} and its most ${max}.`, {
      hint: `Set both, like \`${name}.min=${min} ${name}.max=${min}\`.`,
    });
}

/** Why bounds are set where a number was asked for. */
export function insteadOfNumber(moved: readonly Moved[]): string {
  const words = moved.map(
    ({ process, before, after }) =>
      `its ${process.endsWith(".min") ? "least" : "most"} becomes ${after} instead of ${before}`,
  );
  return `An autoscaler decides how many run and would put a number back, so ${words.join(" and ")}`;
}

/** What a plan sets of them; undefined where it leaves that one as it is. */
export function boundOf(sizes: Readonly<Record<string, number>>, end: "min" | "max"): number | undefined {
  return Object.entries(sizes).find(([process]) => process.endsWith(`.${end}`))?.[1];
}
