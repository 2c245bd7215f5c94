import { z } from "zod";
import type { Observation } from "../domain/observation.ts";
import type { Level, Reading } from "../domain/reading.ts";
import { defineCheck, nameOf } from "./check.ts";

/** How a target is, by what its provider sees of it: a release that does not come up, and what runs short of what is wanted. */

const LEVELS: Readonly<Record<Observation["health"], Level>> = {
  ok: "ok",
  degraded: "warning",
  down: "critical",
  unknown: "unknown",
};
const MOST = 8; // lines of evidence

export const health = defineCheck({
  name: "health",
  on: "target",
  responsibility: "releases",
  settings: z.strictObject({}),
  every: 30_000,
  // While one thing takes the place of another, fewer may run for a moment.
  rule: { failures: 2, successes: 2 },
  async look({ spec }, _settings, use) {
    return read(nameOf(spec), await use.observe());
  },
});

function read(name: string, seen: Observation): Reading {
  const short = seen.sizes.filter(({ wanted, healthy }) => healthy < wanted);
  const counted = short.map(({ process, wanted, healthy }) => `${healthy} of ${wanted} ${process} healthy`).join(", ");
  const level = LEVELS[seen.health];
  const why = seen.problem ?? (counted === "" ? `${name} is ${seen.health}` : counted);
  const { mode, since } = seen.maintenance ?? {};
  const lines = [
    ...(seen.release === undefined ? [] : [["Release", seen.release] as const]),
    ...(counted === "" ? [] : [["Short of", counted] as const]),
    ...(mode === "on" ? [["Maintenance mode", since === undefined ? mode : `on since ${since}`] as const] : []),
    ...Object.entries(seen.facts),
  ];
  return {
    level,
    summary: `${level === "ok" ? `${name} is well` : why}${mode === "on" ? ", in maintenance mode" : ""}`,
    evidence: Object.fromEntries(lines.slice(0, MOST)),
  };
}
