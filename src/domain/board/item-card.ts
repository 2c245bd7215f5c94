import type { Action } from "../action.ts";
import type { AlertList } from "../alert.ts";
import type { Duty } from "../duty.ts";
import type { Item } from "../item.ts";
import type { Operation } from "../operation.ts";
import type { Silence } from "../silence.ts";
import type { Names } from "./names.ts";
import type { Before, Neighbours } from "./surroundings.ts";
import type { WindowLine } from "./window-line.ts";

export type ItemCard = {
  readonly now: Date;
  readonly names: Names;
  readonly item: Item;
  readonly serviceName: string | null;
  /** Who holds the responsibility by the catalog when nobody has taken the item yet. */
  readonly duty: Duty | null;
  readonly runbook: string | null;
  readonly dashboard: string | null;
  /** Operations asked on this item, newest first, at most five. */
  readonly operations: readonly Operation[];
  /** Actions that fit this item, best first, with the target they would act on and what is likely meant: "to v141". */
  readonly fitting: readonly {
    readonly action: Action;
    readonly target: string;
    readonly likely?: string | undefined;
    /** The task's name, where one is run. */
    readonly task?: string | undefined;
  }[];
  /** Who called the same noise last, and how often in thirty days; null where nobody did. Person key or Slack user id. */
  readonly noise: { readonly by: string; readonly count: number } | null;
  /** What changed just before; null where that is not worth telling. */
  readonly before: Before | null;
  readonly neighbours: Neighbours;
  /** That its service is in; null where it is in none. */
  readonly maintenance: Pick<WindowLine, "name" | "by" | "endsAt"> | null;
  /** Of an item that alerts opened: which of them go on. */
  readonly alerts?: AlertList | undefined;
  /** Person keys of those who were told directly while nobody acts; absent before the first was. */
  readonly told?: readonly string[] | undefined;
  /** What is folded under it, and open: how many, and the gravest few. Absent where nothing is, and of a storm, whose row says it. */
  readonly folds?:
    | { readonly open: number; readonly shown: readonly { readonly id: number; readonly serviceName: string | null }[] }
    | undefined;
  /** The silence of its alerts at their source that was asked for last, unless it is over. */
  readonly silence?: Silence | undefined;
  /** Of alerts whose source can be silenced: its key. */
  readonly silenceable?: string | undefined;
  /** Of a flapping item, how often it became well. */
  readonly flapped?: number | undefined;
  /** Whether it was opened at a time at which what can wait calls nobody. */
  readonly quiet?: boolean | undefined;
};
