/** What broke an invariant, and what shows it. */
export type Breach = { readonly what: string; readonly evidence: readonly string[] };
