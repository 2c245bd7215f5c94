import type { Catalog } from "../catalog.ts";
import type { Item } from "../item.ts";
import type { Operation } from "../operation.ts";
import type { Names } from "./names.ts";
import type { OnCall } from "./on-call.ts";
import type { WindowLine } from "./window-line.ts";

/** What one person sees first: the answer of bare `/day2` and the Home tab. */
export type Desk = {
  readonly onCall?: OnCall | undefined;
  readonly now: Date;
  readonly names: Names;
  readonly catalog: Pick<Catalog, "services" | "people">;
  /** Person key of the viewer, if the catalog knows them. */
  readonly viewer: string | null;
  /** All of these capped, with the whole count beside them. What is theirs and put aside is in `aside`. */
  readonly mine: readonly Item[];
  readonly mineCount: number;
  readonly aside: readonly Item[];
  readonly asideCount: number;
  /** Theirs, resolved within a day, the newest first. */
  readonly done: readonly Item[];
  readonly unowned: readonly Item[];
  readonly unownedCount: number;
  /** What this person may decide on and has not yet, oldest first. */
  readonly waiting: readonly Operation[];
  readonly waitingCount: number;
  /** Maintenance and freezes that are on. */
  readonly windows: readonly WindowLine[];
  /** Services on which they may take or acknowledge several at once; counts up to a thousand and one. */
  readonly busy: readonly { readonly service: string; readonly untaken: number; readonly unseen: number }[];
  /** Of the items above those that this person may see to; somebody may on one service and only look at another. */
  readonly theirs: ReadonlySet<number>;
  /** Whether they may act on anything at all. */
  readonly mayAct: boolean;
};
