import type { Party } from "../duty.ts";
import type { Item } from "../item.ts";
import type { Operation } from "../operation.ts";
import type { Names } from "./names.ts";
import type { Noisy } from "./noise.ts";
import type { WindowLine } from "./window-line.ts";

/** What the digest of one channel says. Everything sorted as it is to be read. */
export type DigestContent = {
  readonly now: Date;
  readonly names: Names;
  readonly zone: string;
  readonly localDate: string;
  /** Nobody's, critical first, then oldest, as on Home; capped, with the whole count beside it. */
  readonly unowned: readonly Item[];
  readonly unownedCount: number;
  readonly overdue: readonly Item[];
  readonly overdueCount: number;
  /** By owner, the one with the oldest item first. */
  readonly owners: readonly {
    readonly owner: Party;
    readonly count: number;
    readonly critical: number;
    readonly oldest: readonly Item[];
  }[];
  /** All owners, and what they have together; `owners` may be the first of them. */
  readonly ownersCount: number;
  readonly ownedCount: number;
  /** Operations that somebody has to approve, oldest first; capped, with the whole count beside it. */
  readonly waiting: readonly Operation[];
  readonly waitingCount: number;
  /** What the bot did without being asked since the last digest: reversals, resolved by itself. */
  readonly alone: readonly string[];
  /** What falls due in the next seven days. */
  readonly comingUp: readonly Item[];
  /** Maintenance and freezes that are on, or begin in the next seven days. */
  readonly windows: readonly WindowLine[];
  /** What was called noise at least three times in a week, most often first. */
  readonly noisy: readonly Noisy[];
  /** The short head of the sealed log, for whoever compares later; null while nothing is sealed. */
  readonly head: string | null;
};
