/** One line of the timeline in an item's thread, or of the audit. */
export type EventLine = {
  readonly id: number;
  readonly at: Date;
  readonly kind: string;
  /** Person key; null = the bot itself. */
  readonly person: string | null;
  /** Slack user id, where the person is not in the catalog. */
  readonly account: string | null;
  readonly surface: string;
  readonly item: number | null;
  readonly operation: number | null;
  readonly detail: Readonly<Record<string, unknown>>;
};
