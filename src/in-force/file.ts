import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { LARGEST } from "../catalog/yaml.ts";
import { Invalid } from "../errors.ts";
import { fileProblem } from "../file-problem.ts";

/**
 * The text of the file in which people write the catalog; of one that is too large to be one, no more than shows it. Whoever reads
 * it `once` may read a pipe too, such as `<(…)` or /dev/stdin; into another one perhaps nobody ever writes.
 * @throws Invalid when there is no such file, or none that may be read
 */
export async function readCatalogFile(path: string, { once = false } = {}): Promise<string> {
  const found = once ? null : await stat(path).catch(() => null); // what is not there says so when it is read
  if (found !== null && !found.isFile() && !found.isDirectory())
    throw unreadable(path, "it is a pipe or a device, and no file");
  const upToTheLimit = createReadStream(path, { end: LARGEST }); // with the byte at `end`, which is one too many
  return text(upToTheLimit).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, fileProblem(cause) ?? String(cause.code), cause);
  });
}

function unreadable(path: string, why: string, cause?: unknown): Invalid {
  return new Invalid(`The catalog ${path} cannot be read: ${why}.`, {
    cause,
    hint: "Give its path, or set DAYTWO_CATALOG to it.",
  });
}
