import type { Reference } from "./domain/secret-reference.ts";
import { Invalid } from "./errors.ts";
import { fileProblem } from "./file-problem.ts";
import { keepSecret } from "./redaction.ts";
import { readRegularFile } from "./regular-file.ts";

/** Bytes that the file of a credential may have: the kubeconfig of somebody with many clusters has a few million. */
const LARGEST = 16 * 1024 * 1024;

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
  const value = await readRegularFile(reference.file, LARGEST).catch((cause: unknown) => {
    const why = fileProblem(cause);
    throw new Invalid(`The file ${reference.file} cannot be read${why === undefined ? "" : `: ${why}`}.`, {
      cause,
      hint: "The catalog takes a credential from it.",
    });
  });
  if (Buffer.byteLength(value) > LARGEST)
    throw new Invalid(`The file ${reference.file} is larger than ${LARGEST / 1024 / 1024} MiB.`, {
      hint: "The catalog takes a credential from it. Is it the right file?",
    });
  return value;
}
