import type { Item } from "../item.ts";
import type { EventLine } from "./event-line.ts";
import type { Names } from "./names.ts";

/** Whoever has acknowledged an item is asked whether they are still on it. */
export type StillCard = {
  readonly names: Names;
  readonly item: Item;
  readonly serviceName: string | null;
  /** Until when it is theirs, as they were asked. */
  readonly until: Date;
  /** What answered it, or made it void; null while it is open. */
  readonly answer: EventLine | null;
};
