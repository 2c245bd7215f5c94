import type { Reference } from "./secret-reference.ts";

/** How somebody is reached outside Slack. Credentials are references, as everywhere in the catalog. */

export type Wake =
  | { readonly kind: "pagerduty"; readonly routingKey: Reference; readonly url: string }
  | { readonly kind: "ntfy"; readonly url: string | Reference; readonly token?: Reference | undefined }
  | { readonly kind: "webhook"; readonly url: string | Reference; readonly secret: Reference };

export const PAGERDUTY_URL = "https://events.pagerduty.com";

/** What an alarm shall be: sounding, seen by somebody, over. */
export const WAKE_STATES = ["trigger", "acknowledge", "resolve"] as const;
export type WakeState = (typeof WAKE_STATES)[number];

/** How people call it. */
export const WAKE_WORDS: Readonly<Record<Wake["kind"], string>> = {
  pagerduty: "PagerDuty",
  ntfy: "ntfy",
  webhook: "a webhook",
};
