import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import { LARGEST } from "../catalog/yaml.ts";
import { Invalid } from "../errors.ts";
import { fileProblem } from "../file-problem.ts";
import { readRegularFile } from "../regular-file.ts";

/**
 * The text of the file in which people write the catalog; of one that is too large to be one, no more than shows it. Whoever reads
 * it `once` may read a pipe too, such as `<(…)` or /dev/stdin; into another one perhaps nobody ever writes.
 * @throws Invalid when there is no such file, or none that may be read
 */
export async function readCatalogFile(path: string, { once = false } = {}): Promise<string> {
  // With the byte at `end`, which is one too many.
  const read = once ? text(createReadStream(path, { end: LARGEST })) : readRegularFile(path, LARGEST);
  return read.catch((cause: NodeJS.ErrnoException) => {
    throw new Invalid(`The catalog ${path} cannot be read: ${fileProblem(cause) ?? String(cause.code)}.`, {
      cause,
      hint: "Give its path, or set DAYTWO_CATALOG to it.",
    });
  });
}
