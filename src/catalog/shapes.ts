import { z } from "zod";
import { ACTIONS } from "../domain/action.ts";
import { RESPONSIBILITIES, ROLES } from "../domain/catalog.ts";
import { duration } from "../domain/measures.ts";

/**
 * The shape of each part of `daytwo.yaml`. Parts that are checked one by one (each person, service, check …) are
 * `unknown` in the shape around them, so that one mistake hides no other.
 */

/** What names a person, team, service, target or environment. */
export const KEY = /^[a-z][a-z0-9-]{0,39}$/;
export const KEY_RULE = "must begin with a small letter and have only small letters, digits and `-`, 40 at most";

/** Words that commands understand otherwise, and so cannot name anything. */
export const RESERVED: Readonly<Record<"people" | "teams" | "services", RegExp>> = {
  people: /^(nobody|me|team-.*)$/,
  teams: /^$/,
  services: /^(mine|unowned|op-?\d+)$/,
};

export function isServiceKey(word: string): boolean {
  return KEY.test(word) && !RESERVED.services.test(word);
}

/** The name of one of several checks of a kind. */
const CHECK_NAME = /^[a-z0-9][a-z0-9._-]{0,59}$/;

/** An empty section (`people:` with nothing beneath) is the same as none. */
const section = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {});
const list = z
  .array(z.unknown())
  .nullish()
  .transform((value) => value ?? []);

const channel = z.string().regex(/^(#[^\s#,@<>A-Z]{1,80}|[CG][A-Z0-9]{2,20})$/, {
  error: 'must be a channel such as "#ops", in quotes and small letters, or a channel id such as C0123ABCD',
});
const name = z.string().trim().min(1).max(80);
const key = z.string().regex(KEY, { error: KEY_RULE });
const link = z.url({ protocol: /^https?$/, error: "must be a URL that begins with https:// or http://" });
export const ROLE = z.enum(ROLES);
const slackUser = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, {
  error: "must be a Slack member id such as U012AB3CD (in Slack: profile → ⋮ → Copy member ID)",
});

export const FILE = z.strictObject({
  channel: channel.optional(),
  people: section,
  teams: section,
  digest: z.unknown().optional(),
  policies: list,
  services: section,
});

export const PERSON = z.strictObject({
  name: name.optional(),
  slack: z.union([slackUser.transform((id) => [id]), z.array(slackUser)]).optional(),
  teams: z.array(z.string()).optional(),
  role: ROLE.optional(),
  services: section,
});

export const TEAM = z.strictObject({
  name: name.optional(),
  channel: channel.optional(),
  slack_group: z
    .string()
    .regex(/^S[A-Z0-9]{2,20}$/, { error: "must be a Slack user group id such as S012AB3CD" })
    .optional(),
});

export const DIGEST = z.strictObject({
  channel: channel.optional(),
  at: z
    .string()
    .regex(/^([01]?\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day such as "09:00"' })
    .transform((at) => at.padStart(5, "0"))
    .optional(),
  zone: z.string().optional(),
  days: z.union([z.string(), z.array(z.string())]).optional(),
});

export const WHEN = z.strictObject({
  action: z.enum(ACTIONS).optional(),
  environment: z.string().optional(),
  service: z.string().optional(),
});

export const POLICY = z.strictObject({
  when: section,
  role: ROLE.optional(),
  approvals: z.union([z.literal(0), z.literal(1), z.literal(2)], { error: "must be 0, 1 or 2" }).optional(),
  expires_after: duration.refine((ms) => ms >= 60_000, { error: "must be at least 1m" }).optional(),
  min: z.int().min(0).max(10_000).optional(),
  max: z.int().min(1).max(10_000).optional(),
  cooldown_up: duration.optional(),
  cooldown_down: duration.optional(),
});

/** A party's word, or `{ by: somebody outside }`. */
export const DUTY = z.union([z.string(), z.strictObject({ by: name })], {
  error: "must be a person, `team-<key>`, `nobody`, or `{ by: who }` for somebody outside",
});

export const SERVICE = z.strictObject({
  name: name.optional(),
  environment: key.optional(),
  channel: channel.optional(),
  owner: z.string().optional(),
  responsibilities: section,
  runbook: link.optional(),
  dashboard: link.optional(),
  depends_on: z.array(z.string()).optional(),
  targets: section,
  checks: section,
});

/** What every check takes beside its own settings. */
export const CHECK_COMMON = z.strictObject({
  name: z
    .string()
    .regex(CHECK_NAME, { error: "must have only small letters, digits and `.`, `_`, `-`, 60 at most" })
    .optional(),
  target: z.string().optional(),
  every: duration
    .refine((every) => every >= 1_000 && every <= 7 * 86_400_000, { error: "must be between 1s and 7d" })
    .optional(),
  failures: z.int().min(1).max(100).optional(),
  successes: z.int().min(1).max(100).optional(),
  responsibility: z.enum(RESPONSIBILITIES).optional(),
});
