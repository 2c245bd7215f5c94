import type { Target } from "./catalog.ts";

/** What runs in an outside system, whether the catalog names it or not. */

/** Something that could be a target, as the system tells of it. */
export type Found = {
  /** What it is called there: "shop-web". */
  readonly name: string;
  /** The settings of a target that is this. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What it says that it is a part of: "shop". */
  readonly partOf?: string | undefined;
  /** Who it says answers for it, as it is written there: the value of a label or a tag. */
  readonly owner?: string | undefined;
  /** The checks beside `health` that have something to see of it: "updates". */
  readonly checks?: readonly string[] | undefined;
};

/** Where a target is: those of its settings that say where to look. */
export function placeOf({ settings }: Target, parts: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(settings as object).filter(([part]) => parts.includes(part)));
}

/** Whether the settings of two targets mean the same thing there. */
export type Sameness = (one: Target["settings"], other: Target["settings"]) => boolean;

/** Those that none of the targets is. */
export function unnamed(found: readonly Found[], targets: readonly Target[], isSame: Sameness): Found[] {
  return found.filter(({ settings }) => !targets.some((target) => isSame(target.settings, settings)));
}
