import { Invalid } from "../errors.ts";

const BEFORE_ANY_BYTE = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** Whether a call surely failed before anything was sent: the credential could not be read, or no connection came about. */
export function neverConnected(error: unknown): boolean {
  if (error instanceof Invalid) return true; // the token could not be read
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && BEFORE_ANY_BYTE.has(String(cause.code));
}
