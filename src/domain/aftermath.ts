/** How a service's checks are once a change of it shows, in words for people; both empty where all is well. */
export type Aftermath = {
  /** What was well before the change and is critical now. */
  readonly worse: readonly string[];
  /** What was not well before and is critical still. */
  readonly still: readonly string[];
};

export const ALL_WELL: Aftermath = { worse: [], still: [] };
