import type { Severity } from "./item.ts";

/** An alert: a signal from outside. Many of them are one item. */

export const ALERT_FORMATS = [
  "alertmanager",
  "grafana",
  "cloudwatch",
  "google",
  "datadog",
  "sentry",
  "pagerduty",
  "uptime-kuma",
  "heroku",
  "cloud66",
  "generic",
] as const;
export type AlertFormat = (typeof ALERT_FORMATS)[number];

/** `told`: it happened, and nobody will say that it is over. */
export const ALERT_STATES = ["firing", "resolved", "told"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** One alert as its source says it, in our words. All texts are from outside. */
export type Alert = {
  /** What tells alerts apart at their source: two with the same identity are the same. */
  readonly identity: string;
  readonly state: AlertState;
  readonly severity: Severity;
  /** What kind of thing happened, the same for all of its kind; also the label `alertname`. */
  readonly name: string;
  /** One line: what happened here. */
  readonly summary: string;
  readonly labels: Readonly<Record<string, string>>;
  /** More of it, for the card; may be empty. */
  readonly description: string;
  readonly startedAt: Date | null;
  /** Where its source shows it. */
  readonly link: string | null;
  /** When it is over unless it is sent again, for sources that end an alert by not repeating it. */
  readonly lastsUntil: Date | null;
};

/** The label that links to what to do about it. */
export const RUNBOOK = "runbook_url";

/** What a card lists of the alerts of an item. */
export type AlertList = {
  readonly firing: number;
  /** How many only tell something: nobody will say that they are over. */
  readonly told: number;
  /** The gravest first, then the oldest, at most three. */
  readonly shown: readonly {
    readonly summary: string;
    readonly link: string | null;
    readonly runbook: string | null;
  }[];
};
