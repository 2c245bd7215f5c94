import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that fills and empties: the simplest thing that a check can find ill, worse and well. */
export type TestFolder = {
  /** What it is called in a check's settings. */
  path(name: string): string;
  /** Makes the folder of this name hold so many bytes. */
  holds(name: string, bytes: number): Promise<void>;
  close(): Promise<void>;
};

export async function openFolders(): Promise<TestFolder> {
  const root = await mkdtemp(join(tmpdir(), "daytwo-folders-"));
  return {
    path: (name) => join(root, name),
    async holds(name, bytes) {
      await mkdir(join(root, name), { recursive: true });
      // At once: a look in the middle of it would find an empty file.
      await writeFile(join(root, `${name}.next`), "x".repeat(bytes));
      await rename(join(root, `${name}.next`), join(root, name, "log"));
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}
