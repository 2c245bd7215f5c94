import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { text } from "node:stream/consumers";

/**
 * The text of a file whose path somebody wrote; of one with more than `most` bytes no more than shows it. Neither a pipe into which
 * nobody writes nor a device without end holds the process.
 * @throws what the system says, for `fileProblem`
 */
export async function readRegularFile(path: string, most: number): Promise<string> {
  // Without O_NONBLOCK, opening a pipe waits for its writer, in a thread that nothing can take back.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    // ENXIO is what the system itself says of a socket. A folder says what it is when it is read.
    if (!found.isFile() && !found.isDirectory()) throw Object.assign(new Error("No regular file"), { code: "ENXIO" });
    return await text(file.createReadStream({ end: most, autoClose: false })); // with the byte at `end`, which is one too many
  } finally {
    await file.close();
  }
}
