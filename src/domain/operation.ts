import { Conflict } from "../errors.ts";
import type { Action, Arguments, Plan } from "./action.ts";

/** An operation is one request for an action: its plan, approvals, steps and outcome. */

export const OPERATION_STATES = [
  "planning",
  "awaiting_approval",
  "queued",
  "running",
  "succeeded",
  "failed",
  "reverted",
  "closed_unknown",
  "refused",
  "denied",
  "expired",
  "cancelled",
] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

export type OperationMove =
  | "propose"
  | "admit"
  | "refuse"
  | "approve"
  | "goAlone"
  | "deny"
  | "expire"
  | "cancel"
  | "start"
  | "succeed"
  | "fail"
  | "revert"
  | "close";

/**
 * Every legal move; a row of `{}` is a final state. `refuse` from `queued` is a target that moved since the plan. Only a taking back
 * expires while it is planned or runs: nothing came of it yet, and it is tried again.
 */
export const OPERATION_MOVES = {
  planning: {
    propose: "awaiting_approval",
    admit: "queued",
    refuse: "refused",
    cancel: "cancelled",
    expire: "expired",
  },
  awaiting_approval: {
    approve: "queued",
    goAlone: "queued",
    deny: "denied",
    expire: "expired",
    cancel: "cancelled",
    refuse: "refused",
  },
  queued: { start: "running", cancel: "cancelled", refuse: "refused", expire: "expired" },
  running: {
    succeed: "succeeded",
    fail: "failed",
    revert: "reverted",
    cancel: "cancelled",
    close: "closed_unknown",
    expire: "expired",
  },
  succeeded: {},
  failed: {},
  reverted: {},
  closed_unknown: {},
  refused: {},
  denied: {},
  expired: {},
  cancelled: {},
} as const satisfies Record<OperationState, Partial<Record<OperationMove, OperationState>>>;

/** @throws Conflict when the operation is not in a state that this can be done in. */
export function moveOperation(id: number, from: OperationState, move: OperationMove): OperationState {
  const row: Partial<Record<OperationMove, OperationState>> = OPERATION_MOVES[from];
  const to = row[move];
  if (to === undefined) {
    throw new Conflict(`op-${id} is ${from.replace("_", " ")} already.`, {
      hint: `\`/day2 audit op-${id}\` shows what happened.`,
    });
  }
  return to;
}

export function isFinal(state: OperationState): boolean {
  return Object.keys(OPERATION_MOVES[state]).length === 0;
}

/** One effect on one target. `intent`, `unknown` and `needs_human` hold the target: nothing else may run on it. */
export const STEP_STATES = ["ready", "intent", "done", "failed", "unknown", "needs_human"] as const;
export type StepState = (typeof STEP_STATES)[number];

export type Operation = {
  readonly id: number;
  readonly item: number | null;
  readonly service: string;
  readonly environment: string;
  readonly target: string;
  readonly action: Action;
  readonly arguments: Arguments;
  readonly state: OperationState;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly plan: Plan | null;
  readonly planHash: string | null;
  /** How many approvals it needs. */
  readonly approvals: number;
  readonly expiresAt: Date | null;
  /** From when whoever is on call may go alone, if nobody answers; null: never. */
  readonly aloneAt: Date | null;
  readonly cancelRequestedAt: Date | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** How it ended, in one sentence. */
  readonly outcome: string | null;
  /** Why it goes on although policy asks for a pause. */
  readonly despite: string | null;
  /** The operation that this one takes back. */
  readonly reversalOf: number | null;
};

export const VERDICTS = ["approved", "denied", "alone"] as const;
export type Verdict = (typeof VERDICTS)[number];

export type Approval = {
  readonly person: string;
  /** `alone`: went on without an approval, where nobody who may give one answered. */
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** Of the plan that was decided on. */
  readonly planHash: string;
  readonly at: Date;
};

/** Somebody was asked to approve it, by direct message. */
export type Asked = { readonly person: string; readonly at: Date };
