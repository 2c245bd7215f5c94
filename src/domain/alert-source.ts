import type { AlertFormat } from "./alert.ts";
import type { Responsibility } from "./duty.ts";
import type { Severity } from "./item.ts";
import type { Reference } from "./secret-reference.ts";

/** Who may send alerts, whose they are, and what must call in time, as the catalog says it. */

/** Who may send alerts to `/alerts/<key>`. */
export type AlertSource = {
  readonly key: string;
  readonly format: AlertFormat;
  /** The secret that its sender proves itself with; only an SNS topic may do without. */
  readonly secret?: Reference | undefined;
  /** The only SNS topic that is taken, by its ARN. */
  readonly topic?: string | undefined;
  /** Key of the service that alerts belong to which name none. */
  readonly service?: string | undefined;
  /** The API that takes silences; without one the source cannot be silenced from here. */
  readonly api?: AlertApi | undefined;
};

export type AlertApi = {
  readonly url: string;
  /** A password where there is a user, else a bearer token. */
  readonly credential?: Reference | undefined;
  readonly user?: string | undefined;
};

/** One line of routing; it holds where every part of `when` that is given matches. Later lines win, field by field. */
export type AlertRoute = {
  readonly when: {
    readonly source?: string | undefined;
    /** By label, what it may be: any of these texts, in which `*` stands for any characters. */
    readonly labels?: Readonly<Record<string, readonly string[]>> | undefined;
  };
  readonly service?: string | undefined;
  readonly responsibility?: Responsibility | undefined;
  readonly severity?: Severity | undefined;
  /** Alerts with the same values of these labels are one item; without labels all alerts of a service are. */
  readonly groupBy?: readonly string[] | undefined;
};

/** Something that must call `/heartbeats/<key>` in time. */
export type Heartbeat = {
  readonly key: string;
  /** ms between two calls, and how many ms late one may be. */
  readonly every: number;
  readonly grace: number;
  readonly secret: Reference;
  readonly service?: string | undefined;
  readonly responsibility: Responsibility;
  readonly severity: Severity;
};
