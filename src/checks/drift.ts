import { z } from "zod";
import { some } from "../domain/some.ts";
import { defineCheck } from "./check.ts";

/** Whether something runs beside the target that nobody answers for: what the catalog does not know cannot be anybody's. */

const HOUR = 3_600_000;
const MOST = 8; // lines of evidence

export const drift = defineCheck({
  name: "drift",
  on: "target",
  discovers: true,
  responsibility: "on-call",
  settings: z.strictObject({}),
  every: HOUR,
  // What is tried out for a moment is nobody's business.
  rule: { failures: 2, successes: 1 },
  async look(_subject, _settings, use) {
    const { place, count, unowned } = await use.neighbourhood();
    const value = unowned.length;
    if (value === 0) return { level: "ok", value, summary: `all ${count} that run there have an owner`, evidence: {} };
    return {
      level: "warning",
      value,
      summary: `nobody owns ${value} of the ${count} that run there: ${some(unowned.map(({ name }) => name))}`,
      evidence: {
        ...Object.fromEntries(unowned.slice(0, MOST - 1).map(({ name, owner }) => [name, owner ?? "says no owner"])),
        "To mend": `\`npx daytwo discover ${place}\` writes the lines for the catalog`,
      },
    };
  },
});
