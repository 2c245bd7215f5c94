import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A folder that a server may keep its data in. Others may pass through it: for root the data would else be moved to where
 * user postgres can reach it, and outlive the folder.
 */
export async function makeHome(purpose: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), `daytwo-${purpose}-`));
  await chmod(home, 0o711);
  return home;
}
