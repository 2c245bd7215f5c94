import { readFile } from "node:fs/promises";
import type { SecretReference } from "./domain/secret-reference.ts";
import { Invalid } from "./errors.ts";
import { keepSecret } from "./redaction.ts";

const USED = { hint: "The catalog takes a credential from it." };

/** Resolves a credential reference of the catalog, whose value is hidden from then on. @throws Invalid naming the reference, never the value */
export async function readSecret(reference: SecretReference): Promise<string> {
  const value = await readReference(reference);
  // A mount that is not filled yet, or a file that is being rewritten: what is signed with nothing anybody can sign.
  if (value.trim() === "")
    throw new Invalid(
      `${"env" in reference ? `The environment variable ${reference.env}` : `The file ${reference.file}`} is empty.`,
      USED,
    );
  keepSecret(value);
  return value;
}

/** The same of a document in which only some words are secret; whoever reads it keeps those. @throws Invalid */
export async function readReference(reference: SecretReference): Promise<string> {
  if ("env" in reference) {
    const value = process.env[reference.env];
    if (value === undefined || value === "")
      throw new Invalid(`The environment variable ${reference.env} is not set.`, USED);
    return value;
  }
  return readFile(reference.file, "utf8").catch((cause: unknown) => {
    throw new Invalid(`The file ${reference.file} cannot be read.`, { cause, ...USED });
  });
}
