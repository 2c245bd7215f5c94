/** ms that this process computed during some work: on a machine that is busy with more than us no longer than elsewhere. */
export function cpuTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
