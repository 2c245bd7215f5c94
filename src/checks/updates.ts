import { z } from "zod";
import { durationText, formatDuration, parseDuration } from "../domain/measures.ts";
import type { Reading } from "../domain/reading.ts";
import { waitingIn, type Waiting } from "../domain/waiting.ts";
import { defineCheck } from "./check.ts";

/** Whether a target is up to date, by what its provider sees: which updates wait to be applied, and which servers for a reboot. */

const settings = z
  .strictObject({
    warning: durationText
      .default("0s")
      .describe("What waits for so long is a warning; at once if left out. It counts from when Daytwo saw it first."),
    critical: durationText.default("30d").describe("What waits for so long is critical; 30d if left out."),
    notice: durationText
      .default("2d")
      .describe("What is applied by itself within this time is critical, however long it waits; 2d if left out."),
  })
  .refine(({ warning, critical }) => parseDuration(critical) >= parseDuration(warning), {
    path: ["critical"],
    error: "The critical time lies under the warning.",
  });
type Settings = z.infer<typeof settings>;

const MOST = 8; // lines of evidence
/** Beyond so many the summary counts the rest. */
const NAMED_IN_SUMMARY = 3;

export const updates = defineCheck<Settings>({
  name: "updates",
  on: "target",
  responsibility: "patching",
  settings,
  every: 10 * 60_000,
  rule: { failures: 1, successes: 1 },
  async look({ spec }, chosen, use) {
    const seen = await use.observe();
    const name = spec.target?.split("/")[1] ?? spec.service;
    const waiting = waitingIn(seen);
    if (waiting === undefined)
      return { level: "unknown", summary: `nobody tells of updates or reboots of ${name} here`, evidence: {} };
    const evidence = Object.fromEntries(waiting.slice(0, MOST).map(lineOf));
    if (waiting.length > 0) return { ...read(name, waiting, chosen, use.now), value: waiting.length, evidence };
    const told = [...(seen.updates === undefined ? [] : ["update"]), ...(seen.servers === undefined ? [] : ["reboot"])];
    return { level: "ok", value: 0, summary: `no ${told.join(" and no ")} of ${name} waits`, evidence };
  },
});

function read(
  name: string,
  waiting: readonly Waiting[],
  limits: Settings,
  now: Date,
): Pick<Reading, "level" | "summary"> {
  const notice = parseDuration(limits.notice);
  const soon = waiting.filter(({ due }) => due !== null && Math.max(0, due.getTime() - now.getTime()) < notice);
  if (soon.length > 0)
    return {
      level: "critical",
      summary: `left alone, ${name} gets ${words(soon)} within ${formatDuration(notice)}`,
    };
  for (const level of ["critical", "warning"] as const) {
    const limit = parseDuration(limits[level]);
    const long = waiting.filter(({ since }) => Math.max(0, now.getTime() - (since ?? now).getTime()) >= limit);
    const howLong = limit === 0 ? "" : `, for ${formatDuration(limit)} or longer`;
    if (long.length > 0) return { level, summary: `${name} waits for ${words(long)}${howLong}` };
  }
  const limit = formatDuration(parseDuration(limits.warning));
  return { level: "ok", summary: `${name} waits for ${words(waiting)}, for less than ${limit}` };
}

/** "system-update, db-upgrade and a reboot of Caribou" */
function words(waiting: readonly Waiting[]): string {
  const [updates = [], reboots = []] = (["update", "reboot"] as const).map((kind) =>
    waiting.filter(({ what }) => what === kind).map((each) => each.name),
  );
  return [
    ...(updates.length === 0 ? [] : [some(updates)]),
    ...(reboots.length === 0 ? [] : [`a reboot of ${some(reboots)}`]),
  ].join(" and ");
}

function some(names: readonly string[]): string {
  const rest = names.length - NAMED_IN_SUMMARY;
  return `${names.slice(0, NAMED_IN_SUMMARY).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function lineOf({ what, name, why, due, since }: Waiting): [label: string, text: string] {
  const parts = [
    due === null ? "" : `by itself on ${minuteOf(due)}`,
    since === null ? "" : `seen since ${minuteOf(since)}`,
    why,
  ];
  return [what === "update" ? name : `Reboot of ${name}`, parts.filter((part) => part !== "").join("; ")];
}

function minuteOf(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
