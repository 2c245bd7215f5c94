/** What one look of a check found. */

/** `unknown` means that the look itself failed: it never counts as well, and never as ill. */
export const LEVELS = ["ok", "warning", "critical", "unknown"] as const;
export type Level = (typeof LEVELS)[number];

/** What a check's value is, where a day of it makes a picture: a share of the whole, or bytes. */
export type Unit = "share" | "bytes";

export type Reading = {
  readonly level: Level;
  /** The measured number in the check's own unit, where there is one (a share 0..1, bytes, ms, seconds left). */
  readonly value?: number | undefined;
  /** Numbers behind the sentence that others count with: { used: 97, usable: 100 }. */
  readonly figures?: Readonly<Record<string, number>> | undefined;
  /** One short sentence for a card, without full stop: "38 % of requests fail (limit 2 %)". Plain text, never markup. */
  readonly summary: string;
  /** What was seen, as label → plain text, in the order to be shown; at most a dozen short lines. */
  readonly evidence: Readonly<Record<string, string>>;
};
