import { z } from "zod";
import { RUNGS } from "../domain/escalation.ts";
import { duration } from "../domain/measures.ts";
import { reference } from "../domain/secret-reference.ts";
import { channel, dayText, link, name, section, slackGroup, timeOfDay, zone } from "./shape-pieces.ts";

/** The shape of what the catalog says about being on call: rotations, whom an item tells, how somebody is woken. */

const address = z.union([link, reference], {
  error: "must be a URL that begins with https:// or http://, or { env: NAME } or { file: /path } that holds it",
});

const PAGERDUTY = z.strictObject({
  routing_key: reference.describe(
    "The integration key of an Events API v2 integration: { env: NAME } or { file: path }.",
  ),
  url: link.optional().describe("https://events.pagerduty.com if left out; https://events.eu.pagerduty.com in the EU."),
});
const NTFY = z.strictObject({
  url: address.describe(
    "The topic, such as https://ntfy.sh/a-long-random-name; who knows it can read it: better { env: NAME }.",
  ),
  token: reference.optional().describe("Access token of a topic that asks for one."),
});
const WEBHOOK = z.strictObject({
  url: address.describe("Where the alarm is posted to."),
  secret: reference.describe("What it is signed with, as Standard Webhooks says."),
});

export const WAKE = z.union(
  [z.strictObject({ pagerduty: PAGERDUTY }), z.strictObject({ ntfy: NTFY }), z.strictObject({ webhook: WEBHOOK })],
  { error: "must be one of { pagerduty: … }, { ntfy: … } and { webhook: … }" },
);

export const ROTATION = z.strictObject({
  name: name.optional().describe("How cards call it; the key if left out."),
  members: z.array(z.string()).min(1).describe("People's keys, in the order of their turns."),
  zone: zone.describe("Whose clocks, such as Europe/Paris; UTC if left out."),
  handover: z
    .string()
    .regex(/^\s*(?:every\s+\d{1,2}\s+weeks?\s+)?(?:[a-zA-Z]+\s+){1,2}(?:[01]?\d|2[0-3]):[0-5]\d\s*$/, {
      error: "must be a day and a time such as `mon 09:00`, `daily 09:00` or `every 2 weeks mon 09:00`",
    })
    .optional()
    .describe('When the next one takes over: "mon 09:00" (if left out), "daily 09:00" or "every 2 weeks mon 09:00".'),
  from: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/, { error: "must be a date such as 2026-01-05" })
    .optional()
    .describe(
      "The date on which the first member's first turn begins, or the first hand-over after it, such as 2026-01-05.",
    ),
  channel: channel.optional().describe("Where a hand-over is told; the default channel if left out."),
  slack_group: slackGroup
    .optional()
    .describe("Slack user group id such as S012AB3CD, which is kept to whoever is on call."),
  wake: z.unknown().optional().describe("How whoever is on call is woken when they have no wake of their own."),
});

const STEP = z.strictObject({
  tell: z.enum(RUNGS).describe("owner, on-call, next (of the rotation), team or channel."),
  after: duration.optional().describe("Since the step before, such as 10m; at once if left out."),
});
const steps = z
  .array(STEP)
  .min(1)
  .max(20)
  .optional()
  .describe("Whom it tells until somebody acts, in order: [{ tell: owner }, { tell: on-call, after: 10m }].");

export const ESCALATION = z.strictObject({ critical: steps, warning: steps });

export const WORKING = z.strictObject({
  from: timeOfDay.optional().describe('Local time of day; "09:00" if left out.'),
  until: z
    .union([timeOfDay, z.literal("24:00")], { error: 'must be a time of day such as "18:00"' })
    .optional()
    .describe('Local time of day; "18:00" if left out.'),
  days: z
    .union([dayText, z.array(dayText)])
    .optional()
    .describe("mon-fri if left out; or such as mon,wed or [mon, thu-fri]."),
  zone: zone.describe("Of people without a zone of their own; UTC if left out."),
});

export const ON_CALL_PARTS = {
  rotations: section.describe("Who is on call when, as `rotation-<key>`."),
  escalation: z
    .unknown()
    .optional()
    .describe("Whom an item tells, one after another, until somebody acts; by severity."),
  working_hours: z
    .unknown()
    .optional()
    .describe("When people are asked for what can wait; critical items ask at any time."),
};
