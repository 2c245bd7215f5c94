/** Seconds until the next try, by the number of tries that failed: 5, 10, 20 … at most five minutes. */
export function backOff(attempts: number): number {
  return Math.min(300, 5 * 2 ** Math.min(attempts, 6));
}
