import { execFile } from "node:child_process";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readReference, readSecret } from "../src/secret.ts";

/** A credential's file is whatever somebody wrote into the catalog. */

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "daytwo-secret-file-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a pipe into which nobody writes is an error, and nothing waits for it", async () => {
  const file = join(folder, "pipe");
  await promisify(execFile)("mkfifo", [file]);
  await expect(readSecret({ file })).rejects.toThrow(
    `The file ${file} cannot be read: it is a pipe or a device, and no file.`,
  );
});

test("neither a device, a folder nor what is not there is a file", async () => {
  await expect(readSecret({ file: "/dev/null" })).rejects.toThrow("it is a pipe or a device, and no file.");
  await expect(readSecret({ file: folder })).rejects.toThrow("it is a folder.");
  await expect(readSecret({ file: join(folder, "none") })).rejects.toThrow("there is no such file.");
});

test("a large document is read whole, and one without measure is not", async () => {
  const file = join(folder, "kubeconfig");
  await writeFile(file, "é".repeat(2 * 1024 * 1024));
  expect(await readReference({ file })).toHaveLength(2 * 1024 * 1024);
  await truncate(file, 1024 * 1024 * 1024);
  await expect(readReference({ file })).rejects.toThrow(`The file ${file} is larger than 16 MiB.`);
});
