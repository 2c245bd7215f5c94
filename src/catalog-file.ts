import { setTimeout as pause } from "node:timers/promises";
import type { App } from "./app.ts";
import { importText, readFileText } from "./catalog-import.ts";

/** The catalog's file as it changes: whoever edits it, or whatever deploys it, restarts nothing. */

const EVERY = 1_000; // ms between two looks at the file

/**
 * Imports the file, and from then on whenever its text has changed; the returned function ends that.
 *
 * @throws Invalid when the file cannot be read, or is wrong and there is no good version to keep
 */
export async function followFile(app: App, path: string): Promise<() => Promise<void>> {
  let known = await readFileText(path);
  await importText(app, path, known);

  // Not a file watch: those miss what is mounted or replaced. What could not be imported is tried again.
  async function look(): Promise<void> {
    const text = await readFileText(path);
    if (text === known) return;
    await importText(app, path, text);
    known = text;
  }

  const stop = new AbortController();
  async function follow(): Promise<void> {
    while (!stop.signal.aborted) {
      await look().catch((err: unknown) => app.log.warn({ err, path }, "the catalog could not be followed"));
      await pause(EVERY, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }
  const following = follow();
  return async () => {
    stop.abort();
    await following;
  };
}
