import type { Service } from "../domain/catalog.ts";
import { suggestion } from "./complaints.ts";
import type { Complaints } from "./complaints.ts";

/** Reads what a service says that it depends on. */

/** The keys that name another service, each once; what is wrong with the others is noted. */
export function readNeeds(
  service: string,
  written: readonly string[],
  known: readonly string[],
  complaints: Complaints,
): string[] {
  const others = known.filter((key) => key !== service);
  return [...new Set(written)].filter((key) => {
    if (others.includes(key)) return true;
    const path = ["services", service, "depends_on", written.indexOf(key)];
    if (key === service) complaints.add(path, `\`${key}\` cannot depend on itself.`);
    else complaints.add(path, `There is no service \`${key}\`.`, suggestion(key, others));
    return false;
  });
}

/** Services that need each other in a circle explain nothing: each circle is noted once, where it closes. */
export function refuseCircles(services: Readonly<Record<string, Service>>, complaints: Complaints): void {
  const done = new Set<string>();
  function follow(key: string, way: readonly string[]): void {
    const needs = services[key]?.dependsOn ?? [];
    for (const need of needs) {
      const start = [...way, key].indexOf(need);
      if (start !== -1) {
        const circle = [...way, key].slice(start);
        complaints.add(
          ["services", key, "depends_on"],
          `The services depend on each other in a circle: ${[...circle, need].map((each) => `\`${each}\``).join(" → ")}.`,
          "Take the line away that is not needed to work.",
        );
      } else if (!done.has(need)) {
        follow(need, [...way, key]);
      }
    }
    done.add(key);
  }
  for (const key of Object.keys(services)) if (!done.has(key)) follow(key, []);
}
