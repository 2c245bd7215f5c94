import { hash } from "node:crypto";
import type { App } from "../app.ts";
import type { Alert } from "../domain/alert.ts";
import type { AlertSource } from "../domain/alert-source.ts";
import { changesOfOthers } from "../store/alert-writers.ts";
import { fingerprintOf, keyOf, type Received } from "./batch.ts";

/**
 * An alert that fires and was committed a moment ago with the same content is not written again. This is known only while
 * no other process changed an alert, which is asked for each batch, and while the catalog stays the same. What people do
 * with the item does not matter: an alert that merely goes on changes nothing of an item, be it open or closed.
 */

/** Seconds for which an unchanged alert is not written again: its end may be noticed so much later. */
export const REMEMBERED = 30;
const MOST_REMEMBERED = 120_000; // alerts

/** What one request sent. */
export type Sent = { readonly source: AlertSource; readonly alerts: readonly Alert[] };

/** A hash of what each alert says, by source and fingerprint; null for those that are always written. */
type Contents = ReadonlyMap<string, string | null>;
/** What of a batch has to be written, and what is known once it is. */
export type Fresh = { readonly received: readonly Received[]; readonly contents: Contents };

export type Deduplication = {
  /** What of a batch has to be written: whatever is not known to be in the database already. */
  fresh(batch: readonly Sent[]): Promise<Fresh>;
  /** Without those that could not be kept. */
  learn(contents: Contents, lost: ReadonlySet<string>): void;
  forget(contents: Contents): void;
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
  function isKnown(key: string, content: string | null, now: number): boolean {
    const found = known.get(key);
    return found !== undefined && found.content === content && now - found.at < REMEMBERED * 1_000;
  }
  return {
    async fresh(batch) {
      await check();
      const now = app.now().getTime();
      const received: Received[] = [];
      const contents = new Map<string, string | null>();
      for (const { source, alerts } of batch) {
        for (const alert of alerts) {
          const fingerprint = fingerprintOf(alert);
          const key = keyOf({ source, fingerprint });
          const content = contentOf(alert);
          if (!contents.has(key) && isKnown(key, content, now)) continue;
          received.push({ source, fingerprint, alert });
          contents.set(key, content);
        }
      }
      return { received, contents };
    },
    learn(contents, lost) {
      const at = app.now().getTime();
      for (const [key, content] of contents) if (content !== null && !lost.has(key)) known.set(key, { content, at });
      for (const key of known.keys()) {
        if (known.size <= MOST_REMEMBERED) break;
        known.delete(key);
      }
    },
    forget(contents) {
      for (const key of contents.keys()) known.delete(key);
    },
  };
}

/** Only of an alert that fires, and without its end, which moves on with each sending. */
function contentOf(alert: Alert): string | null {
  if (alert.state !== "firing") return null;
  const { severity, name, summary, description, labels, link, startedAt } = alert;
  const said = [severity, name, summary, description, labels, link, startedAt?.getTime()];
  return hash("sha1", JSON.stringify(said), "base64");
}
