import type { App } from "../app.ts";
import { changesOfOthers } from "../store/alert-writers.ts";
import type { Received } from "./received.ts";

/**
 * An alert that fires and was committed a moment ago with the same content is not written again. This is known only while
 * no other process changed an alert, which is asked for each batch, and while the catalog stays the same. What people do
 * with the item does not matter: an alert that merely goes on changes nothing of an item, be it open or closed.
 */

/** Seconds for which an unchanged alert is not written again: its end may be noticed so much later. */
export const REMEMBERED = 30;
const MOST_REMEMBERED = 120_000; // alerts

export type Deduplication = {
  /** What of a batch has to be written: whatever is not known to be in the database already. It is unknown until it is learnt. */
  fresh(batch: readonly Received[]): Promise<readonly Received[]>;
  /** Of what was written; `lost` has the keys of those that could not be kept. */
  learn(written: readonly Received[], lost: ReadonlySet<string>): void;
};

export function openDeduplication(app: App, writer: string): Deduplication {
  const known = new Map<string, { readonly content: string; readonly at: number }>();
  let believed: { others: number; catalog: unknown } = { others: 0, catalog: null };

  async function check(): Promise<void> {
    // Asked after the batch was closed: what another process committed before any of its requests came in is seen.
    const { catalog } = app.inForce();
    const others = await changesOfOthers(app.db, writer);
    if (others !== believed.others || catalog !== believed.catalog) known.clear();
    believed = { others, catalog };
  }
  return {
    async fresh(batch) {
      await check();
      const since = app.now().getTime() - REMEMBERED * 1_000;
      return batch.filter(({ key, content }) => {
        const found = known.get(key);
        if (found === undefined) return true;
        if (found.content === content && found.at > since) return false;
        // So that the same alert further on in this batch is not taken for known.
        known.delete(key);
        return true;
      });
    },
    learn(written, lost) {
      const at = app.now().getTime();
      for (const { key, content } of written) {
        if (content === null || lost.has(key)) known.delete(key);
        else known.set(key, { content, at });
      }
      for (const key of known.keys()) {
        if (known.size <= MOST_REMEMBERED) break;
        known.delete(key);
      }
    },
  };
}
