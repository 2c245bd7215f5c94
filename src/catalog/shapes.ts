import { z } from "zod";
import { ACTIONS } from "../domain/action.ts";
import { LONGEST_HOLD, SHORTEST_HOLD } from "../domain/lease.ts";
import { duration } from "../domain/measures.ts";
import { ON_CALL_PARTS } from "./on-call-shapes.ts";
import {
  ROLE,
  channel,
  dayText,
  list,
  moment,
  name,
  section,
  slackUser,
  zone,
  slackGroup,
  timeOfDay,
} from "./shape-pieces.ts";

/**
 * The shape of `daytwo.yaml` and of its parts beside services. Parts that are checked one by one (each person, service,
 * policy …) are `unknown` in the shape around them, so that one mistake hides no other.
 */

export const FILE = z.strictObject({
  channel: channel.optional().describe('Where cards go unless a service says otherwise; "#ops" if left out.'),
  people: section.describe("Who acts in Slack, by a short key of your choice."),
  teams: section.describe("Groups that can own things, as `team-<key>`."),
  digest: z
    .unknown()
    .optional()
    .describe("The daily ownership summary: one, or a list with one for each channel. Without it there is none."),
  acknowledge: z
    .unknown()
    .optional()
    .describe("How long whoever has acknowledged an item holds it before they are asked whether they are still on it."),
  storm: z.unknown().optional().describe("From how many new items at once one card stands for all of them; or off."),
  fold_dependents: z
    .union([z.enum(["on", "off"]), z.boolean()], { error: "must be on or off" })
    .optional()
    .describe("Whether items fold under a critical one of what their service needs; on if left out."),
  policies: list.describe("What may be done by whom; of the lines that apply, later ones win, field by field."),
  freezes: list.describe("Times in which nothing is changed without a reason and somebody's approval."),
  windows: list.describe("Times of maintenance, in which failing checks and alerts call nobody."),
  ...ON_CALL_PARTS,
  services: section.describe("What runs and people own, by a short key of your choice."),
  alerts: section.describe("Who may send alerts to /alerts/<key>, by a short key of your choice."),
  routes: list.describe("Where alerts belong; of the lines that apply, later ones win, field by field."),
  heartbeats: section.describe("What must call /heartbeats/<key> in time, by a short key of your choice."),
});

export const PERSON = z.strictObject({
  name: name.optional().describe("How cards call them; the key if left out."),
  slack: z
    .union([slackUser.transform((id) => [id]), z.array(slackUser)])
    .optional()
    .describe("Slack member id such as U012AB3CD (in Slack: profile → ⋮ → Copy member ID), or a list of several."),
  teams: z.array(z.string()).optional().describe("Keys of the teams that they are in."),
  role: ROLE.optional().describe(
    "Each may do what the ones before it may: reader looks, operator (the default) takes items and asks for actions, approver approves what others asked for, admin is whom people are sent to.",
  ),
  zone: zone.describe("Whose working hours they have, such as Europe/Paris; that of working_hours if left out."),
  wake: z.unknown().optional().describe("How they are woken outside Slack: pagerduty, ntfy or webhook."),
  services: section.describe("Another role on single services, by their keys."),
});

export const TEAM = z.strictObject({
  name: name.optional().describe("How cards call it; the key if left out."),
  channel: channel.optional().describe("Where the team is."),
  slack_group: slackGroup
    .optional()
    .describe("Slack user group id such as S012AB3CD, so that the team can be mentioned."),
});

export const DIGEST = z.strictObject({
  channel: channel.optional().describe("Where it goes; the default channel if left out."),
  at: timeOfDay.optional().describe('Local time of day; "09:00" if left out.'),
  zone: zone.describe("Such as Europe/Paris; UTC if left out."),
  days: z
    .union([dayText, z.array(dayText)])
    .optional()
    .describe("mon-fri if left out; or such as mon,wed or [mon, thu-fri]."),
});

const hold = duration
  .refine((ms) => ms >= SHORTEST_HOLD && ms <= LONGEST_HOLD, { error: "must be from 1m to 7d" })
  .optional();

export const ACKNOWLEDGE = z.strictObject({
  critical: hold.describe("Of what is critical; 1h if left out."),
  warning: hold.describe("Of a warning; 24h if left out."),
});

export const STORM = z.union(
  [
    z.enum(["off"]),
    z.literal(false),
    z.strictObject({
      items: z
        .int()
        .min(2)
        .max(10_000)
        .describe("More new items than this in one channel are a storm; 20 if left out.")
        .optional(),
      within: duration
        .refine((ms) => ms >= 10_000 && ms <= 3_600_000, { error: "must be from 10s to 1h" })
        .optional()
        .describe("Within this time; 1m if left out."),
    }),
  ],
  { error: "must be such as { items: 20, within: 1m }, or off" },
);

export const WHEN = z.strictObject({
  action: z.enum(ACTIONS).optional().describe("The action asked for."),
  environment: z.string().optional().describe("Where the service runs."),
  service: z.string().optional().describe("Key of the service."),
});

export const POLICY = z.strictObject({
  when: section.describe("It applies where all of this matches; left out, everywhere."),
  role: ROLE.optional().describe("Who may ask for the action; operator if left out."),
  approvers: z
    .enum(["operator", "approver", "admin"])
    .optional()
    .describe("The least role that may approve it or deny it; approver if left out."),
  approvals: z
    .union([z.literal(0), z.literal(1), z.literal(2)], { error: "must be 0, 1 or 2" })
    .optional()
    .describe("How many others must approve."),
  typed: z
    .boolean()
    .optional()
    .describe("Whether whoever approves types the target's name; for what cannot be undone if left out."),
  expires_after: duration
    .refine((ms) => ms >= 60_000, { error: "must be at least 1m" })
    .optional()
    .describe("How long a request waits for approval, such as 20m."),
  alone_after: z
    .union([z.enum(["off"]), z.literal(false), duration], { error: "must be a duration such as 5m, or off" })
    .optional()
    .describe(
      "How long nobody answers before whoever is on call may go alone, back to what ran well; 5m if left out, or off.",
    ),
  min: z.int().min(0).max(10_000).optional().describe("The fewest of a process that scale may leave."),
  max: z.int().min(1).max(10_000).optional().describe("The most of a process that scale may ask for."),
  step: z.int().min(1).max(10_000).optional().describe("The most that one scale may add to or take from a process."),
  cooldown_up: duration.optional().describe("Pause after a scale before the next one up, such as 1m."),
  cooldown_down: duration.optional().describe("Pause after a scale before the next one down, such as 5m."),
});

const TIMES = {
  from: moment.describe("When it begins: 2026-11-26 18:00, or fri 17:00 for every week."),
  until: moment.describe("When it ends, said in the same way."),
  zone: zone.describe("Whose clocks, such as Europe/Paris; UTC if left out."),
};

export const FREEZE = z.strictObject({
  name: name.describe("How it is called where it stops something."),
  when: section.describe("It holds where all of this matches; left out, for every action on every service."),
  ...TIMES,
});

export const MAINTENANCE = z.strictObject({
  name: name.describe("What it is for."),
  when: section.describe("It holds where all of this matches; left out, for every service."),
  ...TIMES,
});

/** Maintenance is of what runs, and not of an action. */
export const WHERE = WHEN.omit({ action: true });
