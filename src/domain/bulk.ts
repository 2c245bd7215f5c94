/** How many items are taken or acknowledged at once at most. */
export const MOST_AT_ONCE = 100;

/** What became of many items, by their numbers, oldest first. */
export type Bulk = {
  readonly done: readonly number[];
  /** Who has how many of them already, as person keys. */
  readonly held: readonly { readonly who: string; readonly count: number }[];
  readonly yours: readonly number[];
  readonly resolved: readonly number[];
  readonly missing: readonly number[];
  /** Items that their role on the service does not let them change. */
  readonly denied: readonly number[];
  /** How many of the service are left for the next time. */
  readonly left: number;
};
