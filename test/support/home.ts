import { chmod, mkdtemp, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A folder that a server may keep its data in. Others may pass through it: for root the data would else be moved to where
 * user postgres can reach it, and outlive the folder.
 */
export async function makeHome(purpose: string, root = tmpdir()): Promise<string> {
  const home = await mkdtemp(join(root, `daytwo-${purpose}-`));
  await chmod(home, 0o711);
  return home;
}

/** A folder in memory, where there is one with so many bytes free; else the usual one. */
export async function memoryFolder(bytes: number): Promise<string> {
  const folder = "/dev/shm";
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= bytes ? folder : tmpdir();
}
