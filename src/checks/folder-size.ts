import { lstat, opendir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { z } from "zod";
import { formatSize, size } from "../domain/measures.ts";
import type { Reading } from "../domain/reading.ts";
import { defineCheck, levelAbove } from "./check.ts";
import { isDeadline } from "./deadline.ts";
import { wholePath } from "./whole-path.ts";

/** How many bytes the files in a folder hold; a file with several names counts once. */

const MINUTE = 60_000;
/** Beyond this a walk costs more than it tells. */
const MOST_ENTRIES = 200_000;
const LARGEST_SHOWN = 3;
/** Entries looked at together. */
const BATCH = 64;

const settings = z
  .strictObject({
    path: wholePath.describe("The folder; everything beneath it counts."),
    warning: size.describe("More than this is a warning, such as 200 MB."),
    critical: size.optional().describe("More than this is critical, such as 1 GB."),
  })
  .refine((all) => all.critical === undefined || all.critical >= all.warning, {
    path: ["critical"],
    error: "The critical size lies under the warning.",
  });
type Settings = z.infer<typeof settings>;

export const folderSize = defineCheck<Settings>({
  name: "folder-size",
  on: "address",
  responsibility: "disk-and-logs",
  settings,
  unit: "bytes",
  every: 5 * MINUTE,
  rule: { failures: 1, successes: 2 },
  async look(_subject, chosen, use) {
    return read(await weigh(chosen.path, use.signal), chosen);
  },
});

type Found = {
  readonly bytes: number;
  readonly files: number;
  /** Largest first. */
  readonly largest: readonly File[];
  /** Why there may be more than was found. */
  readonly gap: string | undefined;
};
type File = { readonly path: string; readonly bytes: number };

function read({ bytes, files, largest, gap }: Found, { path, warning, critical = Infinity }: Settings): Reading {
  const level = levelAbove(bytes, { warning, critical });
  // What was not seen cannot make a folder smaller, so a limit that is passed already stays passed.
  if (gap !== undefined && level === "ok") {
    return { level: "unknown", summary: gap, evidence: { Folder: path } };
  }
  const name = basename(path) || path;
  const verb = /[^s]s$/.test(name) ? "hold" : "holds";
  const limit = level === "critical" ? critical : warning;
  return {
    level,
    value: bytes,
    summary:
      `${name} ${verb} ${gap === undefined ? "" : "at least "}${formatSize(bytes)}` +
      (level === "ok" ? "" : ` (limit ${formatSize(limit)})`),
    evidence: {
      Folder: path,
      Files: String(files),
      ...(gap !== undefined && { "Not seen": gap }),
      ...(largest.length > 0 && {
        Largest: largest.map((file) => `${relative(path, file.path)} ${formatSize(file.bytes)}`).join(", "),
      }),
    },
  };
}

async function weigh(root: string, signal: AbortSignal): Promise<Found> {
  const linked = new Set<string>();
  let bytes = 0;
  let files = 0;
  let largest: File[] = [];
  let gap: string | undefined;

  async function add(path: string): Promise<void> {
    // A file may go while we look: rotation is what such folders are for.
    const stat = await lstat(path).catch(() => undefined);
    if (!stat?.isFile()) return;
    const identity = `${stat.dev}:${stat.ino}`;
    if (linked.has(identity)) return;
    if (stat.nlink > 1) linked.add(identity);
    bytes += stat.size;
    files += 1;
    largest = [...largest, { path, bytes: stat.size }].toSorted((a, b) => b.bytes - a.bytes).slice(0, LARGEST_SHOWN);
  }

  let batch: Promise<void>[] = [];
  for await (const entry of walk(root, signal)) {
    if ("gap" in entry) gap ??= entry.gap;
    else batch.push(add(entry.path));
    if (batch.length === BATCH) batch = await Promise.all(batch).then(() => []);
  }
  await Promise.all(batch);
  return { bytes, files, largest, gap };
}

/** Everything that is no folder, and why there may be more. Follows no link, except that `root` itself may be one. */
async function* walk(root: string, signal: AbortSignal): AsyncGenerator<{ path: string } | { gap: string }> {
  const folders = [root];
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder)) {
        if (isDeadline(signal)) return yield { gap: `looking through ${root} takes too long` };
        signal.throwIfAborted();
        entries += 1;
        if (entries > MOST_ENTRIES) return yield { gap: `${root} has more than ${MOST_ENTRIES} entries` };
        const path = join(folder, entry.name);
        if (entry.isDirectory()) folders.push(path);
        else yield { path };
      }
    } catch (error) {
      const words = UNREADABLE[codeOf(error)];
      if (words === undefined) throw error;
      // A folder inside may have gone since we read its name; that leaves no gap.
      if (folder === root || codeOf(error) !== "ENOENT") yield { gap: `${folder} ${words}` };
    }
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "is not a folder",
  EACCES: "may not be read",
  EPERM: "may not be read",
  ELOOP: "is a link that leads nowhere",
};

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
