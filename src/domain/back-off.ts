/** How long to wait before the next try, by the number of tries that failed: twice as long each time, at most `most`. */
export function doubled(failures: number, { first, most }: { readonly first: number; readonly most: number }): number {
  return Math.min(most, first * 2 ** failures);
}

/** The same in seconds, for what a row says when to try again: 5, 10, 20 … at most five minutes. */
export function backOff(failures: number): number {
  return doubled(failures, { first: 5, most: 300 });
}
