import { z } from "zod";
import { RISKS, type Action } from "../domain/action.ts";
import { RESPONSIBILITIES } from "../domain/duty.ts";
import { duration } from "../domain/measures.ts";
import { channel, key, link, money, name, section } from "./shape-pieces.ts";

/** The shape of a service and of what is beneath it: targets, tasks, sequences, checks. */

/** The name of one of several checks of a kind. */
const CHECK_NAME = /^[a-z0-9][a-z0-9._-]{0,59}$/;

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
  error: "must be a person, `team-<key>`, `rotation-<key>`, `nobody`, or `{ by: who }` for somebody outside",
});

export const SERVICE = z.strictObject({
  name: name.optional().describe("How cards call it; the key if left out."),
  environment: key.optional().describe("Where it runs; production if left out."),
  channel: channel.optional().describe("Where its cards go; the default channel if left out."),
  owner: z
    .string()
    .optional()
    .describe("A person's key, team-<key> or rotation-<key>: answers for every responsibility."),
  responsibilities: section.describe(
    "Single lines over owner: a person, team-<key>, rotation-<key>, { by: somebody outside } or nobody.",
  ),
  runbook: link.optional().describe("Link shown on its cards."),
  dashboard: link.optional().describe("Link shown on its cards."),
  depends_on: z.array(z.string()).optional().describe("Keys of the services that it needs to work."),
  targets: section.describe("Where it runs, by a short name: a provider and that provider's settings."),
  escalation: z
    .unknown()
    .optional()
    .describe("Whom its items tell, by severity, where that differs from the one for all services."),
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

/** One of `command` and `query`, by what its target is. */
export const TASK = z
  .strictObject({
    description: z.string().trim().min(1).max(200).optional().describe("What it does, for whoever reads of it."),
    on: z.string().optional().describe("The target that it runs on; may be left out when only one can run tasks."),
    command: z
      .array(word.pipe(z.string().min(1).max(500)))
      .min(1)
      .max(50)
      .optional()
      .describe("The program and each of its arguments; {name} stands for a value. No shell reads it."),
    query: z
      .string()
      .trim()
      .min(1)
      .max(1_000)
      .optional()
      .describe("On a database: what is asked, in SQL; {name} stands for a value, which is never read as SQL."),
    arguments: section.describe("What whoever asks may fill in, by a short name: each is one literal argument."),
    for: z.enum(RESPONSIBILITIES).optional().describe("What it helps with: it is offered first on such items."),
    risk: z
      .enum(RISKS)
      .optional()
      .describe(
        "read (if left out, for a query), low, high (if left out, for a command) or destructive: it decides who must approve, unless a policy says otherwise.",
      ),
    timeout: duration
      .refine((ms) => ms >= 1_000 && ms <= 3_600_000, { error: "must be between 1s and 1h" })
      .optional()
      .describe("How long it may take before it is stopped; 5m if left out, for a query 30s."),
  })
  .meta({ oneOf: [{ required: ["command"] }, { required: ["query"] }] });

/** What a step can be: a session's number is known only once it is there. */
export const STEP_ACTIONS = [
  "scale",
  "rollback",
  "restart",
  "renew-cert",
  "backup",
  "run",
] as const satisfies readonly Action[];

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
  backup: z.literal(true).optional().describe("true: one of the database, taken now."),
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
