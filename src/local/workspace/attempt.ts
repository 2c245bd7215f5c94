import type { Fields } from "../json.ts";

/** One attempt to get a payload to the app, and what became of it. */

export type PayloadKind = "events_api" | "slash_commands" | "interactive";

/** What became of one attempt: the app's answer, or why there is none. */
export type Outcome =
  | { acked: true; body: unknown }
  | { acked: false; reason: "http_timeout" | "http_error" | "connection_failed"; status?: number };

export interface Attempt {
  id: string;
  kind: PayloadKind;
  payload: Fields;
  /** How often it was sent before, and why again; events only. */
  retry: { num: number; reason: string } | null;
}
