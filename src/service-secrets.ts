import type { Service } from "./domain/catalog.ts";
import { readSecret } from "./secret.ts";

/** The values of the credentials that a service's targets and checks refer to, to be kept out of what is shown. */

/** A file that holds more is no credential. */
const LONGEST = 8_000;

export async function secretsOf({ targets, checks }: Pick<Service, "targets" | "checks">): Promise<string[]> {
  const references = [...targets, ...checks].flatMap(({ settings }) => referencesIn(settings));
  const values = await Promise.all(references.map((reference) => readSecret(reference).catch(() => "")));
  return values.filter((value) => value !== "" && value.length <= LONGEST);
}

type Reference = { readonly env: string } | { readonly file: string };

function referencesIn(settings: unknown): Reference[] {
  if (typeof settings !== "object" || settings === null) return [];
  if (isReference(settings)) return [settings];
  return Object.values(settings).flatMap(referencesIn);
}

function isReference(value: object): value is Reference {
  const [[key, where] = [], ...others] = Object.entries(value);
  return others.length === 0 && (key === "env" || key === "file") && typeof where === "string";
}
