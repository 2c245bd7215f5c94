import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";
import { inject } from "vitest";

/**
 * Puts into a folder what the first start of an embedded PostgreSQL makes there, as the run has it already: making it anew
 * takes ten times as long as the copy.
 */
export async function putCluster(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await copyCluster(inject("cluster"), folder);
}

export async function copyCluster(from: string, to: string): Promise<void> {
  await promisify(execFile)("cp", ["-a", `${from}/.`, to]);
}
