import { z } from "zod";
import { addMilliseconds } from "../domain/time.ts";
import { RESPONSIBILITIES, type Duty, type Responsibility } from "../domain/duty.ts";
import { durationText, parseDuration } from "../domain/measures.ts";
import { dayText } from "../domain/wall-time.ts";
import { defineCheck, type Use } from "./check.ts";

/** Whether somebody answers for each responsibility of a service. */

const MINUTE = 60_000;
/** Beyond so many the summary counts the rest; the evidence has them all. */
const NAMED_IN_SUMMARY = 4;

export const ownership = defineCheck({
  name: "ownership",
  on: "service",
  responsibility: "on-call",
  settings: z.strictObject({
    expects: z
      .array(z.enum(RESPONSIBILITIES))
      .min(1)
      .default([...RESPONSIBILITIES])
      .describe("What must have an owner here."),
    grace: durationText.default("7d").describe("How long a new service may be without before anybody is reminded."),
  }),
  every: 5 * MINUTE,
  rule: { failures: 1, successes: 1 },
  async look({ service }, { expects, grace }, use) {
    const gaps = expects.flatMap((responsibility) => {
      const reason = gap(use.duties[responsibility], use);
      return reason === undefined ? [] : [{ responsibility, reason }];
    });
    if (gaps.length === 0) return { level: "ok", value: 0, summary: "everything has an owner", evidence: {} };

    const begin = addMilliseconds(use.since, parseDuration(grace));
    const isNew = use.now < begin;
    const said = summarise(
      gaps.map((each) => each.responsibility),
      expects.length,
    );
    return {
      level: isNew ? "ok" : "warning",
      value: gaps.length,
      summary: isNew ? `${said}; reminders begin ${dayText(begin)}` : said,
      evidence: evidence(service.key, gaps),
    };
  },
});

type Gap = { readonly responsibility: Responsibility; readonly reason: string };

/** One line a reason and one a cure, however many gaps there are. */
function evidence(service: string, gaps: readonly Gap[]): Record<string, string> {
  const reasons = Map.groupBy(gaps, ({ reason }) => reason);
  const named = [...reasons].map(([reason, all]) => [
    reason,
    all.map(({ responsibility }) => responsibility).join(", "),
  ]);
  const [only, another] = gaps;
  const one = only !== undefined && another === undefined ? only.responsibility : "<responsibility>";
  return {
    ...(Object.fromEntries(named) as Record<string, string>),
    "To mend": `add "${one}: <person, team-… or { by: … }>" under services: ${service}: responsibilities:`,
    ...(another !== undefined && { "All at once": `add "owner: <person or team-…>" under services: ${service}:` }),
  };
}

/** Why nobody answers; undefined where somebody does. Somebody outside is an answer. */
function gap(duty: Duty | undefined, use: Use): string | undefined {
  if (duty === undefined) return "nobody";
  if ("by" in duty) return undefined;
  if ("person" in duty)
    return use.reachable.has(`person:${duty.person}`) ? undefined : `${duty.person} cannot be reached`;
  if ("rotation" in duty)
    return use.reachable.has(`rotation:${duty.rotation}`)
      ? undefined
      : `nobody in rotation-${duty.rotation} is available`;
  return use.reachable.has(`team:${duty.team}`) ? undefined : `team-${duty.team} cannot be reached`;
}

function summarise(gaps: readonly Responsibility[], expected: number): string {
  if (gaps.length === expected && expected > 1) return "nobody owns anything here";
  const named = gaps.length > NAMED_IN_SUMMARY + 1 ? gaps.slice(0, NAMED_IN_SUMMARY) : gaps;
  const rest = gaps.length - named.length;
  return `nobody owns ${named.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}`;
}
