import { z } from "zod";
import { durationText, formatDuration, minuteText, parseDuration } from "../domain/measures.ts";
import type { Reading } from "../domain/reading.ts";
import { some } from "../domain/some.ts";
import { waitingIn, type Waiting } from "../domain/waiting.ts";
import { defineCheck, nameOf } from "./check.ts";

/** Whether a target is up to date, by what its provider sees: which updates wait to be applied, and which servers for a reboot. */

const settings = z
  .strictObject({
    warning: durationText
      .default("0s")
      .describe("What waits for so long is a warning; at once if left out. It counts from when Daytwo saw it first."),
    critical: durationText
      .default("30d")
      .describe(
        "What waits for so long is critical, and a warning where it is known to be no security update; 30d if left out.",
      ),
    notice: durationText
      .default("2d")
      .describe("What is applied by itself within this time is critical, however long it waits; 2d if left out."),
  })
  .refine(({ warning, critical }) => parseDuration(critical) >= parseDuration(warning), {
    path: ["critical"],
    error: "The critical time lies under the warning.",
  });
type Settings = z.infer<typeof settings>;

const MOST = 8; // of what waits, as lines of evidence

export const updates = defineCheck<Settings>({
  name: "updates",
  on: "target",
  responsibility: "patching",
  settings,
  every: 10 * 60_000,
  rule: { failures: 1, successes: 1 },
  async look({ spec }, chosen, use) {
    const seen = await use.observe();
    const name = nameOf(spec);
    const waiting = waitingIn(seen);
    const { updatesUnseen: unseen } = seen;
    const evidence = evidenceOf(waiting ?? [], unseen);
    if (waiting !== undefined && waiting.length > 0) {
      const reading = read(name, waiting, chosen, use.now);
      if (reading.level !== "ok" || unseen === undefined) return { ...reading, value: waiting.length, evidence };
    }
    if (unseen !== undefined)
      return { level: "unknown", summary: `whether more updates of ${name} wait cannot be seen: ${unseen}`, evidence };
    if (waiting === undefined)
      return { level: "unknown", summary: `nobody tells of updates or reboots of ${name} here`, evidence };
    const told = [...(seen.updates === undefined ? [] : ["update"]), ...(seen.servers === undefined ? [] : ["reboot"])];
    return { level: "ok", value: 0, summary: `no ${told.join(" and no ")} of ${name} waits`, evidence };
  },
});

function evidenceOf(waiting: readonly Waiting[], unseen: string | undefined): Reading["evidence"] {
  const rest = waiting.length - MOST;
  return Object.fromEntries([
    ...waiting.slice(0, MOST).map(lineOf),
    ...(rest > 0 ? [["More", `${rest} beside these`]] : []),
    ...(unseen === undefined ? [] : [["Cannot be seen", unseen]]),
  ]);
}

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
  const [warning, critical] = [parseDuration(limits.warning), parseDuration(limits.critical)];
  for (const [level, urgent, ordinary] of [
    ["critical", critical, Infinity],
    ["warning", warning, critical],
  ] as const) {
    const long = waiting.filter(
      (each) => Math.max(0, now.getTime() - (each.since ?? now).getTime()) >= (isOrdinary(each) ? ordinary : urgent),
    );
    const howLong = urgent === 0 ? "" : `, for ${formatDuration(urgent)} or longer`;
    if (long.length > 0) return { level, summary: `${name} waits for ${words(long)}${howLong}` };
  }
  const pressing = waiting.filter((each) => !isOrdinary(each));
  const [those, limit] = pressing.length === 0 ? [waiting, critical] : [pressing, warning];
  return { level: "ok", summary: `${name} waits for ${words(those)}, for less than ${formatDuration(limit)}` };
}

/** Of which the host says that it mends no weakness. */
function isOrdinary({ isSecurity }: Waiting): boolean {
  return isSecurity === false;
}

/** "2 security updates (libssl3, openssl), system-update and a reboot of Caribou" */
function words(waiting: readonly Waiting[]): string {
  return KINDS.flatMap(([isKind, say]) => {
    const names = waiting.filter(isKind).map((each) => each.name);
    return names.length === 0 ? [] : [say(names)];
  }).join(" and ");
}

type Kind = readonly [isKind: (each: Waiting) => boolean, say: (names: readonly string[]) => string];

const KINDS: readonly Kind[] = [
  [({ isSecurity }) => isSecurity === true, (names) => `${counted(names, "security")} (${some(names)})`],
  [({ what, isSecurity }) => what === "update" && isSecurity === undefined, (names) => some(names)],
  [isOrdinary, (names) => `${counted(names, "ordinary")} (${some(names)})`],
  [({ what }) => what === "reboot", (names) => `a reboot of ${some(names)}`],
];

function counted({ length }: readonly string[], kind: string): string {
  return `${length} ${kind} update${length === 1 ? "" : "s"}`;
}

function lineOf({ what, name, why, isSecurity, due, since }: Waiting): [label: string, text: string] {
  const parts = [
    isSecurity === true ? "security" : "",
    due === null ? "" : `by itself on ${minuteText(due)}`,
    since === null ? "" : `seen since ${minuteText(since)}`,
    why,
  ];
  return [what === "update" ? name : `Reboot of ${name}`, parts.filter((part) => part !== "").join("; ")];
}
