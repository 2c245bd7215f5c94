import type { AnyCheck } from "./check.ts";
import { backup } from "./backup.ts";
import { certificate } from "./certificate.ts";
import { disk } from "./disk.ts";
import { drift } from "./drift.ts";
import { folderSize } from "./folder-size.ts";
import { health } from "./health.ts";
import { http } from "./http.ts";
import { ownership } from "./ownership.ts";
import { postgres } from "./postgres.ts";
import { updates } from "./updates.ts";

/** Every check there is: the one line to add for another. */
export const CHECKS: readonly AnyCheck[] = [
  backup,
  certificate,
  disk,
  drift,
  folderSize,
  health,
  http,
  ownership,
  postgres,
  updates,
];

export function checkNamed(name: string): AnyCheck | undefined {
  return CHECKS.find((check) => check.name === name);
}
