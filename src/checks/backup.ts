import { z } from "zod";
import { durationText, formatDuration, parseDuration } from "../domain/measures.ts";
import type { Observation } from "../domain/observation.ts";
import type { Reading } from "../domain/reading.ts";
import { defineCheck, levelAbove, nameOf } from "./check.ts";

/** Whether a target could be restored, by what its provider sees of its backups: how old the newest good one is. */

const settings = z
  .strictObject({
    warning: durationText
      .default("26h")
      .describe("Older than this is a warning; 26h if left out, for what is made daily."),
    critical: durationText.default("50h").describe("Older than this is critical; 50h if left out."),
    scheduled: z
      .boolean()
      .default(true)
      .describe(
        "Whether they are to be made by themselves; false where somebody asks for each, so that only their age counts.",
      ),
  })
  .refine(({ warning, critical }) => parseDuration(critical) >= parseDuration(warning), {
    path: ["critical"],
    error: "The critical age lies under the warning.",
  });
type Settings = z.infer<typeof settings>;
type Backups = NonNullable<Observation["backups"]>;

const MOST = 8; // lines of evidence

export const backup = defineCheck<Settings>({
  name: "backup",
  on: "target",
  responsibility: "backups",
  settings,
  every: 10 * 60_000,
  rule: { failures: 1, successes: 1 },
  async look({ spec }, chosen, use) {
    const { backups, facts } = await use.observe();
    const name = nameOf(spec);
    const evidence = Object.fromEntries(Object.entries(facts).slice(0, MOST));
    if (backups === undefined)
      return { level: "unknown", summary: `nobody tells of backups of ${name} here`, evidence };
    return { ...read(name, backups, chosen, use.now), evidence };
  },
});

function read(
  name: string,
  { lastGood, isScheduled }: Backups,
  chosen: Settings,
  now: Date,
): Omit<Reading, "evidence"> {
  if (lastGood === null) return { level: "critical", summary: `${name} has no backup` };
  const value = Math.max(0, now.getTime() - Date.parse(lastGood));
  const limits = { warning: parseDuration(chosen.warning), critical: parseDuration(chosen.critical) };
  const level = levelAbove(value, limits);
  if (level !== "ok")
    return {
      level,
      value,
      summary: `the last good backup of ${name} is older than ${formatDuration(limits[level])}`,
    };
  // Good for now, and nothing makes the next one.
  if (chosen.scheduled && !isScheduled)
    return { level: "warning", value, summary: `backups of ${name} are not made by themselves` };
  return {
    level,
    value,
    summary: `${name} has a backup that is not older than ${formatDuration(limits.warning)}`,
  };
}
