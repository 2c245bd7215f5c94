/** Whoever asks while an answer is being made gets that one: many who ask cost no more than one. */
export function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null;
  return () => {
    underWay ??= work().finally(() => (underWay = null));
    return underWay;
  };
}
