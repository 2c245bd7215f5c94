import type { App } from "../app.ts";
import { readCatalogFile } from "./file.ts";
import { importCatalog, importText } from "./import.ts";
import { EMPTY_CATALOG } from "../domain/catalog.ts";
import { pause } from "../wait.ts";

/** The catalog as it changes: whoever edits the file, or whatever deploys it, restarts nothing, in any process. */

const EVERY = 1_000; // ms between two looks

/**
 * Imports the file, and from then on whenever its text has changed; without a path the catalog is empty. What another
 * process imported or a person assigned is followed as well. The returned function ends that.
 *
 * @throws Invalid when the file cannot be read, or is wrong and there is no good version to keep
 */
export async function followCatalogFile(app: App, path: string | null): Promise<() => Promise<void>> {
  const look = path === null ? await empty(app) : await follow(app, path);
  const stop = new AbortController();
  async function keepUp(): Promise<void> {
    while (!stop.signal.aborted) {
      await look().catch((err: unknown) => app.log.warn({ err, path }, "the catalog's file could not be followed"));
      await app.followCatalog().catch((err: unknown) => app.log.warn({ err }, "the catalog could not be followed"));
      await pause(EVERY, stop.signal);
    }
  }
  const keepingUp = keepUp();
  return async () => {
    stop.abort();
    await keepingUp;
  };
}

async function empty(app: App): Promise<() => Promise<void>> {
  await importCatalog(app, EMPTY_CATALOG, "no catalog");
  return () => Promise.resolve();
}

/** Not a file watch: those miss what is mounted or replaced. What could not be imported is tried again. */
async function follow(app: App, path: string): Promise<() => Promise<void>> {
  const first = await readCatalogFile(path);
  await importText(app, path, first);
  const watch = steady(first);
  return async () => {
    const text = await readCatalogFile(path);
    if (!watch.isNew(text)) return;
    await importText(app, path, text);
    watch.know(text);
  };
}

/**
 * Tells when a file has another text for good: the same at two looks in a row. One look alone may find a file half
 * written, and the beginning of a catalog, or nothing at all, is a catalog too.
 */
export function steady(first: string): { isNew(text: string): boolean; know(text: string): void } {
  let known = first;
  let seen = first;
  return {
    isNew(text) {
      const isSteady = text === seen;
      seen = text;
      return isSteady && text !== known;
    },
    know(text) {
      known = text;
    },
  };
}
