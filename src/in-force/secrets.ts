import type { Catalog } from "../domain/catalog.ts";
import type { Reference } from "../domain/secret-reference.ts";
import { readSecret } from "../secret.ts";

/**
 * Reads every credential that a catalog refers to, so that their values are hidden whoever says
 * them: a program may well print what belongs to another service. What cannot be read here is nothing to hide.
 */
export async function learnSecrets({
  services,
  people,
  rotations = {},
  alerts = {},
  heartbeats = {},
}: Catalog): Promise<void> {
  const settings = Object.values(services).flatMap(({ targets, checks }) => [...targets, ...checks]);
  const wakes = [...Object.values(people), ...Object.values(rotations)].map(({ wake }) => wake);
  const references = new Map(
    [...settings.map((each) => each.settings), ...wakes, alerts, heartbeats]
      .flatMap((each) => referencesIn(each))
      .map((each) => [JSON.stringify(each), each]),
  );
  await Promise.all([...references.values()].map((each) => readSecret(each).catch(() => undefined)));
}

/** Those that are anywhere within. */
export function referencesIn(settings: unknown): Reference[] {
  if (typeof settings !== "object" || settings === null) return [];
  if (isReference(settings)) return [settings];
  return Object.values(settings).flatMap(referencesIn);
}

function isReference(value: object): value is Reference {
  const [[key, where] = [], ...others] = Object.entries(value);
  return others.length === 0 && (key === "env" || key === "file") && typeof where === "string";
}
