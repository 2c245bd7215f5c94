import type { WindowKind } from "../window.ts";

/** A time in which something else holds. */
export type WindowLine = {
  readonly id: number;
  readonly kind: WindowKind;
  /** What it is for. */
  readonly name: string;
  /** Of a freeze that is of one action alone. */
  readonly action: string | null;
  /** A service's key, or an environment; null is everything. */
  readonly where: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly weekly: boolean;
  /** Who planned it in Slack; null of one that the catalog has. */
  readonly by: string | null;
};
