import { readFile } from "node:fs/promises";
import { Invalid } from "./errors.ts";

/** Resolves a credential reference of the catalog. @throws Invalid naming the reference, never the value */
export async function readSecret(reference: { env: string } | { file: string }): Promise<string> {
  if ("env" in reference) {
    const value = process.env[reference.env];
    if (value === undefined || value === "")
      throw new Invalid(`The environment variable ${reference.env} is not set.`, {
        hint: "The catalog takes a credential from it.",
      });
    return value;
  }
  return readFile(reference.file, "utf8").catch((cause: unknown) => {
    throw new Invalid(`The file ${reference.file} cannot be read.`, {
      cause,
      hint: "The catalog takes a credential from it.",
    });
  });
}
