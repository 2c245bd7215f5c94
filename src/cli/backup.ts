import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { writeBackup, type Written } from "../backup/write.ts";
import { readConfig } from "../config.ts";
import { shortHead } from "../domain/seal.ts";
import { Expected, Invalid, Unavailable } from "../errors.ts";
import { releaseHere } from "../release.ts";
import { withOwnDatabase } from "./database.ts";

const USAGE = { hint: "Like this: daytwo backup, daytwo backup /backups/daytwo.gz, or daytwo backup - > daytwo.gz" };

/** `daytwo backup [file | folder | -]`: all that Daytwo keeps, as of one moment, whether it runs or not. */
export async function backup(args: readonly string[]): Promise<number> {
  const [wanted, ...more] = args;
  if (more.length > 0 || wanted?.startsWith("--") === true)
    throw new Invalid("`daytwo backup` takes one file at most.", USAGE);
  const release = await releaseHere();
  await withOwnDatabase(readConfig(process.env), { name: "daytwo-backup", make: false }, async (pool) => {
    if (wanted === "-") {
      const written = await writeBackup(pool, process.stdout, { release });
      process.stderr.write(`The backup is written: ${describeKept(written)}.\n`);
      return;
    }
    const path = await pathOf(wanted);
    const written = await whole(path, (destination) => writeBackup(pool, destination, { release }));
    process.stdout.write(`The backup is ${path}: ${describeKept(written)}.\n`);
  });
  return 0;
}

/** "12 items, 3 operations and 340 events as of 2026-11-24T14:12:00.000Z, head 3f2a91c04b7d" */
export function describeKept({ head, foot }: Pick<Written, "head" | "foot">): string {
  const [items, operations, events] = ["items", "operations", "events"].map((name) => foot.tables[name]?.rows ?? 0);
  const chain = foot.seals.seq === 0 ? "no event sealed yet" : `head ${shortHead(foot.seals.hash)}`;
  return `${items} items, ${operations} operations and ${events} events as of ${head.madeAt}, ${chain}`;
}

async function pathOf(wanted: string | undefined): Promise<string> {
  const name = `daytwo-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}.gz`;
  if (wanted === undefined) return name;
  const isFolder = await stat(wanted).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? join(wanted, name) : wanted;
}

/** A file that is there in whole or not at all, and lasts; only its owner reads it. */
async function whole<T>(path: string, write: (destination: Writable) => Promise<T>): Promise<T> {
  const aside = `${path}.${process.pid}.partial`;
  try {
    const handle = await open(aside, "wx", 0o600);
    const written = await write(handle.createWriteStream({ flush: true }));
    await rename(aside, path);
    await keepName(dirname(path));
    return written;
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error instanceof Expected ? error : (fileProblem(path, error) ?? error);
  }
}

/** The new name is to survive a power cut as well. */
async function keepName(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "its folder is a file",
  EACCES: "the folder does not let us",
  EPERM: "the folder does not let us",
  EROFS: "the folder can only be read",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EIO: "the disk fails",
};

function fileProblem(path: string, cause: unknown): Unavailable | undefined {
  const words = cause instanceof Error && "code" in cause ? PROBLEMS[String(cause.code)] : undefined;
  if (words === undefined) return undefined;
  return new Unavailable(`The backup cannot be written to ${path}: ${words}.`, { cause, ...USAGE });
}
