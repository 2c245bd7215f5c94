import { z } from "zod";
import { ACTIONS, RISKS } from "../domain/action.ts";
import { RESPONSIBILITIES, ROLES } from "../domain/catalog.ts";
import { duration, webAddress } from "../domain/measures.ts";

/**
 * The shape of each part of `daytwo.yaml`. Parts that are checked one by one (each person, service, check …) are
 * `unknown` in the shape around them, so that one mistake hides no other.
 */

/** What names a person, team, service, target or environment. */
export const KEY = /^[a-z][a-z0-9-]{0,39}$/;
export const KEY_RULE = "must begin with a small letter and have only small letters, digits and `-`, 40 at most";

/** Words that commands understand otherwise, and so cannot name anything. */
export const RESERVED = {
  people: /^(nobody|me|team-.*)$/,
  teams: /^$/,
  services: /^(mine|unowned|op-?\d+)$/,
} as const;

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
const name = z.string().trim().min(1).max(80).meta({ pattern: "\\S" });
const key = z.string().regex(KEY, { error: KEY_RULE });
const link = webAddress("must be a URL that begins with https:// or http://");
const day = "(?:[mM][oO][nN]|[tT][uU][eE]|[wW][eE][dD]|[tT][hH][uU]|[fF][rR][iI]|[sS][aA][tT]|[sS][uU][nN])[^,–-]*";
const days = String.raw`\s*${day}(?:[–-]\s*${day})?`;
/** The pattern is for editors; the catalog reader says which day is none. */
const dayText = z.string().meta({ pattern: `^${days}(?:,${days})*$` });
const zone = z.string().meta({ pattern: "^[A-Za-z][A-Za-z0-9_+/-]*$" }).optional();
const moment = z.string().regex(/^\s*(\d{4}-\d\d-\d\d|[A-Za-z]{3,9})\s+([01]?\d|2[0-3]):[0-5]\d\s*$/, {
  error: "must be a day and a time such as 2026-11-26 18:00, or fri 17:00 for every week",
});
const money = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,2})? [A-Z]{3}$/, { error: "must be an amount and a currency such as 25 EUR" })
  .transform((text) => ({ amount: Number(text.slice(0, -4)), currency: text.slice(-3) }));
export const ROLE = z.enum(ROLES);
const slackUser = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, {
  error: "must be a Slack member id such as U012AB3CD (in Slack: profile → ⋮ → Copy member ID)",
});

export const FILE = z.strictObject({
  channel: channel.optional().describe('Where cards go unless a service says otherwise; "#ops" if left out.'),
  people: section.describe("Who acts in Slack, by a short key of your choice."),
  teams: section.describe("Groups that can own things, as `team-<key>`."),
  digest: z
    .unknown()
    .optional()
    .describe("The daily ownership summary: one, or a list with one for each channel. Without it there is none."),
  policies: list.describe("What may be done by whom; of the lines that apply, later ones win, field by field."),
  freezes: list.describe("Times in which nothing is changed without a reason and somebody's approval."),
  services: section.describe("What runs and people own, by a short key of your choice."),
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
  services: section.describe("Another role on single services, by their keys."),
});

export const TEAM = z.strictObject({
  name: name.optional().describe("How cards call it; the key if left out."),
  channel: channel.optional().describe("Where the team is."),
  slack_group: z
    .string()
    .regex(/^S[A-Z0-9]{2,20}$/, { error: "must be a Slack user group id such as S012AB3CD" })
    .optional()
    .describe("Slack user group id such as S012AB3CD, so that the team can be mentioned."),
});

export const DIGEST = z.strictObject({
  channel: channel.optional().describe("Where it goes; the default channel if left out."),
  at: z
    .string()
    .regex(/^([01]?\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day such as "09:00"' })
    .transform((at) => at.padStart(5, "0"))
    .optional()
    .describe('Local time of day; "09:00" if left out.'),
  zone: zone.describe("Such as Europe/Paris; UTC if left out."),
  days: z
    .union([dayText, z.array(dayText)])
    .optional()
    .describe("mon-fri if left out; or such as mon,wed or [mon, thu-fri]."),
});

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

export const FREEZE = z.strictObject({
  name: name.describe("How it is called where it stops something."),
  when: section.describe("It holds where all of this matches; left out, for every action on every service."),
  from: moment.describe("When it begins: 2026-11-26 18:00, or fri 17:00 for every week."),
  until: moment.describe("When it ends, said in the same way."),
  zone: zone.describe("Whose clocks, such as Europe/Paris; UTC if left out."),
});

/** What every target takes beside its provider's settings. */
export const TARGET_COMMON = z.strictObject({
  processes: z
    .record(
      z.string(),
      z.strictObject({
        connections: z
          .int()
          .min(0)
          .max(10_000)
          .optional()
          .describe("Database connections that one of it opens at most, its pool's size."),
        monthly: money.optional().describe("What one of it costs a month, such as 25 EUR."),
      }),
    )
    .optional()
    .describe("What one more of each process takes, by its name; plans of scale count with it."),
});

/** A party's word, or `{ by: somebody outside }`. */
export const DUTY = z.union([z.string(), z.strictObject({ by: name })], {
  error: "must be a person, `team-<key>`, `nobody`, or `{ by: who }` for somebody outside",
});

export const SERVICE = z.strictObject({
  name: name.optional().describe("How cards call it; the key if left out."),
  environment: key.optional().describe("Where it runs; production if left out."),
  channel: channel.optional().describe("Where its cards go; the default channel if left out."),
  owner: z.string().optional().describe("A person's key or team-<key>: answers for every responsibility."),
  responsibilities: section.describe(
    "Single lines over owner: a person, team-<key>, { by: somebody outside } or nobody.",
  ),
  runbook: link.optional().describe("Link shown on its cards."),
  dashboard: link.optional().describe("Link shown on its cards."),
  depends_on: z.array(z.string()).optional().describe("Keys of the services that it needs to work."),
  targets: section.describe("Where it runs, by a short name: a provider and that provider's settings."),
  tasks: section.describe("What may be run on its targets with `/day2 run`, by a short name."),
  sequences: section.describe(
    "Several actions on its targets that are asked for as one with `/day2 run`, by a short name.",
  ),
  checks: section.describe("How to look at it: the settings of each check, or a list of them, each with a name."),
});

/** YAML reads `7` as a number; what a program gets is text. */
const word = z.union([z.string(), z.number().transform(String)], { error: "must be text" });
const usual = word.optional().describe("Its value where none is given; without it one must be given.");

/** The value of a task's argument: one of several, a whole number, or one line of text. */
export const TASK_ARGUMENT = z.union(
  [
    z.strictObject({
      one_of: z
        .array(word.pipe(z.string().regex(/^\S(?:.{0,73}\S)?$/u, { error: "must be a word of at most 75 characters" })))
        .min(1)
        .max(100)
        .describe("All that it can be."),
      default: usual,
    }),
    z.strictObject({
      number: z
        .strictObject({ min: z.int(), max: z.int() })
        .describe("A whole number between two, both included: { min: 1, max: 30 }."),
      default: usual,
    }),
    z.strictObject({
      text: z.int().min(1).max(200).describe("One line of plain text of at most so many characters."),
      default: usual,
    }),
  ],
  { error: "must be one of { one_of: [eu, us] }, { number: { min: 1, max: 30 } } and { text: 80 }" },
);

export const TASK = z.strictObject({
  description: z.string().trim().min(1).max(200).optional().describe("What it does, for whoever reads of it."),
  on: z.string().optional().describe("The target that it runs on; may be left out when only one can run tasks."),
  command: z
    .array(word.pipe(z.string().min(1).max(500)))
    .min(1)
    .max(50)
    .describe("The program and each of its arguments; {name} stands for a value. No shell reads it."),
  arguments: section.describe("What whoever asks may fill in, by a short name: each is one literal argument."),
  for: z.enum(RESPONSIBILITIES).optional().describe("What it helps with: it is offered first on such items."),
  risk: z
    .enum(RISKS)
    .optional()
    .describe(
      "read, low, high (if left out) or destructive: it decides who must approve, unless a policy says otherwise.",
    ),
  timeout: duration
    .refine((ms) => ms >= 1_000 && ms <= 3_600_000, { error: "must be between 1s and 1h" })
    .optional()
    .describe("How long it may take before it is stopped; 5m if left out."),
});

const STEP_PARTS = {
  scale: z
    .record(z.string(), z.int().min(0).max(10_000))
    .refine((sizes) => Object.keys(sizes).length > 0, { error: "must have a process and its number, such as web: 4" })
    .meta({ minProperties: 1 })
    .optional()
    .describe("Sizes: how many of each process, such as { web: 4 }."),
  rollback: z
    .union([z.literal(true), word.pipe(z.string().min(1).max(128))], {
      error: "must be a release such as v141, or true",
    })
    .optional()
    .describe("The release to go back to; true for the one before."),
  restart: z
    .union([z.literal(true), z.string().min(1).max(40)], { error: "must be a process such as web, or true" })
    .optional()
    .describe("The process; true for all."),
  "renew-cert": z.literal(true).optional().describe("true: the certificate that the target serves."),
  run: z.string().optional().describe("The name of a task of this service."),
  with: z.record(z.string(), word).optional().describe("Values for the task's arguments."),
  on: z.string().optional().describe("The target; may be left out where only one can do it, and for a task."),
};
export const STEP_BACK = z.strictObject(STEP_PARTS);
/** One action of a sequence. */
export const STEP = z.strictObject({
  ...STEP_PARTS,
  undo: z
    .unknown()
    .optional()
    .describe("What takes it back where a later step fails: true for what its plan says, or another step."),
});

/** The most steps of a sequence: more nobody reads before they approve it. */
const MOST_STEPS = 10;

export const SEQUENCE = z.strictObject({
  description: z.string().trim().min(1).max(200).optional().describe("What it is for, in one line."),
  for: z.enum(RESPONSIBILITIES).optional().describe("What it helps with: it is offered first on such items."),
  steps: z
    .array(z.unknown())
    .min(1)
    .max(MOST_STEPS)
    .describe("Its actions, in order; each begins when the one before is done."),
});

/** What every check takes beside its own settings. */
export const CHECK_COMMON = z.strictObject({
  name: z
    .string()
    .regex(CHECK_NAME, { error: "must have only small letters, digits and `.`, `_`, `-`, 60 at most" })
    .optional()
    .describe("Tells several checks of one kind apart."),
  target: z.string().optional().describe("The target that it looks at; may be left out when there is only one."),
  every: duration
    .refine((every) => every >= 1_000 && every <= 7 * 86_400_000, { error: "must be between 1s and 7d" })
    .optional()
    .describe("How often it looks, such as 30s; from 1s to 7d."),
  failures: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe("Looks in a row that it takes to believe a change for the worse."),
  successes: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe("Looks in a row that it takes to believe a change for the better."),
  responsibility: z.enum(RESPONSIBILITIES).optional().describe("Whose it is when it fails."),
});
