/** One write to the cluster, as an action comes to it. */
export type Change = {
  readonly path: string;
  readonly type: "application/merge-patch+json" | "application/json-patch+json";
  readonly body: unknown;
  /** What of the answer must be as it was sent; else the cluster made something else of it. */
  readonly expects: (answer: { spec?: unknown; status?: unknown }) => boolean;
};
