import type { Service } from "../catalog.ts";
import type { Duty, Responsibility } from "../duty.ts";
import type { Item } from "../item.ts";
import type { Observation } from "../observation.ts";
import type { Operation } from "../operation.ts";
import type { Reading } from "../reading.ts";
import type { WindowLine } from "./window-line.ts";

export type ServiceStatus = {
  readonly service: Service;
  readonly observations: readonly Observation[];
  /** Check key → last reading and when. */
  readonly readings: readonly { readonly key: string; readonly reading: Reading | null; readonly at: Date | null }[];
  /** Open ones, critical first, then oldest; capped, with the whole count beside it. */
  readonly items: readonly Item[];
  readonly itemsCount: number;
  /** Under way, oldest first; capped, with the whole count beside it. */
  readonly operations: readonly Operation[];
  readonly operationsCount: number;
  /** The last that were done and are over, newest first. */
  readonly done: readonly Operation[];
  readonly duties: Readonly<Partial<Record<Responsibility, Duty>>>;
  /** Times under way in which nothing is to change; `action` null: of any kind. */
  readonly freezes: readonly { readonly name: string; readonly action: string | null; readonly endsAt: Date }[];
  /** The maintenance under way. */
  readonly maintenance: readonly Pick<WindowLine, "name" | "by" | "endsAt">[];
};

/** Who answers for a service. */
export type ServiceOwners = {
  readonly service: Service;
  /** As it holds now. */
  readonly duties: Readonly<Partial<Record<Responsibility, Duty>>>;
  /** What was changed in Slack over the catalog. */
  readonly changes: readonly {
    readonly responsibility: Responsibility;
    /** As the catalog writes it: `ana`, `team-web`, `nobody`. */
    readonly now: string;
    readonly catalog: string;
    /** Person key, or Slack user id of somebody whom the catalog does not know. */
    readonly by: string;
    readonly at: Date;
  }[];
};
