import type { AnyCheck } from "./check.ts";
import { certificate } from "./certificate.ts";
import { http } from "./http.ts";
import { ownership } from "./ownership.ts";

/** Every check there is: the one line to add for another. */
export const CHECKS: readonly AnyCheck[] = [certificate, http, ownership];

export function checkNamed(name: string): AnyCheck | undefined {
  return CHECKS.find((check) => check.name === name);
}
