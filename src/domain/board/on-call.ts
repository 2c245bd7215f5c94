import type { Duty } from "../duty.ts";
import type { Item } from "../item.ts";
import type { Standin, Turn } from "../rotation.ts";

/** Who is on call, and who was before. */

/** Who is on call now, rotation by rotation. */
export type OnCall = {
  readonly now: Date;
  readonly viewer: string | null;
  readonly rotations: readonly {
    readonly name: string;
    /** Keys of the services that it answers for. */
    readonly services: readonly string[];
    readonly turn: Turn;
    /** What was said in Slack and has not ended, also what begins later. */
    readonly said: readonly Standin[];
  }[];
  /** Services of which no rotation is on call, and who is. */
  readonly others: readonly { readonly service: string; readonly duty: Duty | null }[];
};

/** Somebody else is on call. */
export type Handover = {
  readonly now: Date;
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly until: Date | null;
  /** Who said so, where it is not the plan. */
  readonly by: string | null;
  /** What is open of what the rotation answers for, the worst first. */
  readonly items: readonly Item[];
  readonly count: number;
};
