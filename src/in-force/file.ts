import { readFile } from "node:fs/promises";
import { Invalid } from "../errors.ts";
import { fileProblem } from "../file-problem.ts";

/** The text of the file in which people write the catalog. @throws Invalid when there is no such file, or none that may be read */
export async function readCatalogFile(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new Invalid(`The catalog ${path} cannot be read: ${fileProblem(cause) ?? cause.code}.`, {
      cause,
      hint: "Give its path, or set DAYTWO_CATALOG to it.",
    });
  });
}
