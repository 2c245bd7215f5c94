/**
 * Whether a look was aborted because its time is up, as AbortSignal.timeout does, and not because the process stops. What
 * has not answered by then has not answered; a look that was called off says nothing.
 */
export function isDeadline(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.name === "TimeoutError";
}
