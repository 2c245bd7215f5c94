import type { Approval, Asked, Operation, StepState } from "../operation.ts";
import type { Names } from "./names.ts";

export type OperationCard = {
  readonly now: Date;
  readonly names: Names;
  readonly operation: Operation;
  readonly serviceName: string;
  readonly decisions: readonly Approval[];
  /** Person keys of everybody who may approve it now. */
  readonly approvers: readonly string[];
  /** Who was asked directly, and when, in that order. */
  readonly asked: readonly Asked[];
  /** When those who were not asked yet are asked too. */
  readonly restAt: Date | null;
  /** Person keys of those on call who may go alone now, since nobody answers. */
  readonly alone: readonly string[];
  /** Progress lines, oldest first, at most the last eight. */
  readonly progress: readonly { readonly at: Date; readonly text: string }[];
  /** Set while a person has to say what happened. */
  readonly needsPerson: Unclear | null;
  /** The steps of a sequence that were begun, in order, and the one that is next. */
  readonly steps: readonly StepLine[];
};

/** How far a step has come. */
export type StepLine = {
  readonly seq: number;
  /** The step that it takes back; null of one that the plan has. */
  readonly undoes: number | null;
  readonly state: StepState;
  readonly attempt: number;
  readonly sentAt: Date | null;
  readonly doneAt: Date | null;
};

/** What is known of a step that nobody can tell the outcome of. */
export type Unclear = {
  /** The key of the target that waits. */
  readonly target: string;
  readonly sentAt: Date | null;
  /** What the last look saw. */
  readonly seen: string;
  /** Since when another look is owed. */
  readonly lookingSince: Date | null;
};
