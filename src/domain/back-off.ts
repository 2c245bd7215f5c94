/** Seconds until what did not get through is tried again, by how often it was: 5, 10, 20 … at most five minutes. */
export function backOff(attempts: number): number {
  return Math.min(300, 5 * 2 ** Math.min(attempts, 6));
}
