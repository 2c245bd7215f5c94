/** The verbs that change a target, and what a request for one must bring. */

export const ACTIONS = [
  "scale",
  "rollback",
  "restart",
  "renew-cert",
  "pause",
  "resume",
  "backup",
  "maintenance",
  "reboot",
  "patch",
  "end",
  "run",
] as const;
export type Action = (typeof ACTIONS)[number];

export const RISKS = ["read", "low", "high", "destructive"] as const;
export type Risk = (typeof RISKS)[number];

export type OnOff = "on" | "off";

/** Merged arguments of an action. Only the fields that the action knows are set. */
export type Arguments = {
  /** scale: process → wanted count. */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
  /** rollback: the release to go back to; undefined = the one before, or where it is known the last that ran well. */
  readonly release?: string | undefined;
  /** restart: the process; undefined = all. */
  readonly process?: string | undefined;
  /** scale, pause, maintenance: give back after this many ms. */
  readonly temporary?: number | undefined;
  /** maintenance: whether visitors are to see its page. */
  readonly maintenance?: OnOff | undefined;
  /** patch: the name of the update that waits; undefined = the only one. */
  readonly update?: string | undefined;
  /** end: the number of the session; and whether only what it runs now is to end. */
  readonly session?: string | undefined;
  readonly statement?: true | undefined;
  /** Once the plan is drawn. end: what tells its session from whatever has that number later; backup: what was there before. */
  readonly mark?: string | undefined;
  /** run: the task's name, and the values of its arguments. */
  readonly task?: string | undefined;
  readonly values?: Readonly<Record<string, string>> | undefined;
  /** run: the sequence's name, instead of a task's. */
  readonly sequence?: string | undefined;
  /** run, once the plan is drawn: the command that they make by the catalog, so that an approval binds it. */
  readonly command?: Command | undefined;
};

/** A program and its arguments, each element one literal argument; no shell ever reads it. */
export type Command = {
  readonly argv: readonly string[];
  /** ms after which it is stopped. */
  readonly timeout: number;
  readonly risk: Risk;
};

/** What an operation would change. Drawn from an observation, shown, approved by its hash, and compared again just before acting. */
export type Plan = {
  readonly action: Action;
  readonly target: string;
  readonly arguments: Arguments;
  readonly risk: Risk;
  /** The observation's version that the plan rests on. */
  readonly version: string;
  /** One line: "Roll back shop v142 → v141". */
  readonly title: string;
  /** Label → before and after in plain words: { release: ["v142", "v141"] }. */
  readonly changes: Readonly<Record<string, readonly [before: string, after: string]>>;
  /** The unit of its sizes where they are not numbers of processes: "GiB". A policy's bounds, steps and pauses are for processes. */
  readonly unit?: string | undefined;
  /** What supports it: "v141 ran 3 days, all checks passing". */
  readonly reasons: readonly string[];
  /** What it costs, in plain words: database connections, money. */
  readonly uses?: readonly string[] | undefined;
  /** What it will not undo or touch, in plain words. */
  readonly stays: readonly string[];
  /** Expected duration in ms, where known. */
  readonly takes?: number | undefined;
  /** Whether whoever approves has to type the target's name, by the policy that held when it was drawn. */
  readonly typed?: boolean | undefined;
  /** The freeze that it goes through, because whoever asked gave a reason. */
  readonly through?: { readonly freeze: string; readonly until: string } | undefined;
  /** Whether it only goes back to a release or size that ran well; whoever is on call may do that alone when nobody answers. */
  readonly restores?: boolean | undefined;
  /** What brings the target back to what it was, where the action is reversible; of a sequence's step, only where that is declared. */
  readonly undo?: Undo | undefined;
  /** The plans of a sequence's steps, in order; absent where the plan itself is the only step. */
  readonly steps?: readonly Plan[] | undefined;
  /** How the target is to be when a sequence comes to this step: as it was seen, with what the steps before it do. */
  readonly expects?: Expected | undefined;
};

/** An action with absolute arguments; on the same target where none is named. */
export type Undo = { readonly action: Action; readonly arguments: Arguments; readonly target?: string | undefined };

export type Expected = { readonly release: string | null; readonly sizes: Readonly<Record<string, number>> };
