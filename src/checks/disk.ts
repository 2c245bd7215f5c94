import { statfs } from "node:fs/promises";
import { z } from "zod";
import { formatShare, formatSize, share } from "../domain/measures.ts";
import type { Level, Reading } from "../domain/reading.ts";
import { answered } from "./answered.ts";
import { defineCheck } from "./check.ts";
import { wholePath } from "./whole-path.ts";

/** How full the filesystem of a path is, in bytes as df counts them and in files. */

const MINUTE = 60_000;

const settings = z.strictObject({
  path: wholePath.describe("Any path on the filesystem."),
  warning: share.default(0.85).describe("The share of it that may be used before it is a warning."),
  critical: share.default(0.95).describe("The share of it that may be used before it is critical."),
});

export const disk = defineCheck<z.infer<typeof settings>>({
  name: "disk",
  on: "address",
  responsibility: "disk-and-logs",
  settings,
  unit: "share",
  every: 5 * MINUTE,
  rule: { failures: 1, successes: 2 },
  async look(_subject, { path, warning, critical }, use): Promise<Reading> {
    const found = await usage(path, use.signal);
    const judged = [
      { share: found.bytes, says: `${path} is ${formatShare(found.bytes)} full` },
      { share: found.files, says: `${path} has used ${formatShare(found.files)} of the files that it can hold` },
    ].map((each) => ({ ...each, level: levelOf(each.share, warning, critical) }));
    const gravest = judged.reduce((a, b) => (b.share > a.share && b.level !== "ok" ? b : a));
    const limit = gravest.level === "critical" ? critical : warning;
    return {
      level: gravest.level,
      value: gravest.share,
      summary: gravest.says + (gravest.level === "ok" ? "" : ` (limit ${formatShare(limit)})`),
      evidence: {
        Space: `${formatShare(found.bytes)} used, ${formatSize(found.free)} free`,
        Files: `${formatShare(found.files)} used`,
      },
    };
  },
});

function levelOf(found: number, warning: number, critical: number): Level {
  if (found >= critical) return "critical";
  return found >= warning ? "warning" : "ok";
}

/** Shares 0..1 and free bytes. Blocks that are kept for root count as neither used nor free. */
async function usage(path: string, signal: AbortSignal) {
  const { bsize, blocks, bfree, bavail, files, ffree } = await answered(() => statfs(path), path, signal);
  const used = blocks - bfree;
  return {
    bytes: used + bavail === 0 ? 0 : used / (used + bavail),
    // Some filesystems make room for files as they come, and say 0.
    files: files === 0 ? 0 : (files - ffree) / files,
    free: bavail * bsize,
  };
}
