import { readFile } from "node:fs/promises";
import type { Reference } from "./domain/secret-reference.ts";
import { Invalid } from "./errors.ts";
import { fileProblem } from "./file-problem.ts";
import { keepSecret } from "./redaction.ts";

/** Resolves a credential reference of the catalog, whose value is hidden from then on. @throws Invalid naming the reference, never the value */
export async function readSecret(reference: Reference): Promise<string> {
  const value = await readReference(reference);
  // A mount that is not filled yet, or a file that is being rewritten: what is signed with nothing anybody can sign.
  if (value.trim() === "")
    throw new Invalid(
      `${"env" in reference ? `The environment variable ${reference.env}` : `The file ${reference.file}`} is empty.`,
      {
        hint: "The catalog takes a credential from it.",
      },
    );
  keepSecret(value);
  return value;
}

/** The same of a document in which only some words are secret; whoever reads it keeps those. @throws Invalid */
export async function readReference(reference: Reference): Promise<string> {
  if ("env" in reference) {
    const value = process.env[reference.env];
    if (value === undefined || value === "")
      throw new Invalid(`The environment variable ${reference.env} is not set.`, {
        hint: "The catalog takes a credential from it.",
      });
    return value;
  }
  return readFile(reference.file, "utf8").catch((cause: unknown) => {
    const why = fileProblem(cause);
    throw new Invalid(`The file ${reference.file} cannot be read${why === undefined ? "" : `: ${why}`}.`, {
      cause,
      hint: "The catalog takes a credential from it.",
    });
  });
}
