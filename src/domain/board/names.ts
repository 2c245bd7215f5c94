/** How people and teams are shown: their Slack mention where they have one, else their name. */
export type Names = {
  /** Person key → first Slack user id and name. */
  readonly people: Readonly<Record<string, { readonly slack: string | null; readonly name: string }>>;
  /** Team key → Slack user group id, if any, and name. */
  readonly teams: Readonly<Record<string, { readonly slackGroup: string | null; readonly name: string }>>;
  /** Rotation key → name. */
  readonly rotations?: Readonly<Record<string, { readonly name: string }>>;
};
