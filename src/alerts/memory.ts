import { hash } from "node:crypto";
import type { App } from "../app.ts";
import { fingerprintOf, REMEMBERED, type Received } from "./settling.ts";
import type { Alert } from "../domain/alert.ts";
import type { AlertSource } from "../domain/catalog.ts";
import { addCounts, changesOfOthers } from "../store/alerts.ts";

/**
 * An alert that fires and was committed a moment ago with the same content is remembered and not written again; how often
 * it came is added later. That memory holds only while no other process changed an alert, which each batch asks anew, and
 * while the catalog is the same. What people do with the item does not matter to it: an alert that merely goes on changes
 * nothing of an item, whether it is open or was closed.
 */

const MOST_REMEMBERED = 120_000; // alerts
const PAID_AT_ONCE = 2_000; // rows

/** What one request sent. */
export type Sent = { readonly source: AlertSource; readonly alerts: readonly Alert[] };

type Content = { readonly key: string; readonly content: string | null };
/** What of a batch has to be written, and what may be remembered once it is. */
export type Fresh = { readonly received: readonly Received[]; readonly contents: readonly Content[] };

export type Memory = {
  /** What of a batch has to be written: all that is not known to stand there already. */
  fresh(batch: readonly Sent[]): Promise<Fresh>;
  learn(contents: readonly Content[]): void;
  forget(contents: readonly Content[]): void;
  payOwed(): Promise<void>;
};

export function openMemory(app: App, writer: string): Memory {
  const known = new Map<string, { readonly content: string; readonly at: number }>();
  const owed = openOwed(app);
  let believed: { others: number; catalog: unknown } = { others: 0, catalog: null };

  async function check(): Promise<void> {
    // Asked after the batch was closed: what another process committed before any of its requests came in is seen.
    const { catalog } = app.inForce();
    const others = await changesOfOthers(app.db, writer);
    if (others !== believed.others || catalog !== believed.catalog) known.clear();
    believed = { others, catalog };
  }
  function isKnown({ key, content }: Content, now: number): boolean {
    const found = content === null ? undefined : known.get(key);
    return found !== undefined && found.content === content && now - found.at < REMEMBERED * 1_000;
  }
  return {
    async fresh(batch) {
      await check();
      const now = app.now().getTime();
      const received: Received[] = [];
      const contents = new Map<string, Content>();
      for (const { source, alerts } of batch) {
        for (const alert of alerts) {
          const content = contentOf(source, alert);
          if (!contents.has(content.key) && isKnown(content, now)) {
            owed.count(content.key, source.key, alert);
          } else {
            received.push({ source, alert, count: 1 });
            contents.set(content.key, content);
          }
        }
      }
      return { received, contents: [...contents.values()] };
    },
    learn(contents) {
      const at = app.now().getTime();
      for (const { key, content } of contents) if (content !== null) known.set(key, { content, at });
      for (const key of known.keys()) {
        if (known.size <= MOST_REMEMBERED) break;
        known.delete(key);
      }
    },
    forget(contents) {
      for (const { key } of contents) known.delete(key);
    },
    payOwed: () => owed.pay(),
  };
}

type Owed = { readonly source: string; readonly fingerprint: string; count: number };

/** How often alerts came that were not written again, until it is added to their rows. */
function openOwed(app: App): { count(key: string, source: string, alert: Alert): void; pay(): Promise<void> } {
  let owed = new Map<string, Owed>();

  function putBack(unpaid: readonly [string, Owed][]): void {
    for (const [key, { count, ...one }] of unpaid)
      owed.set(key, { ...one, count: count + (owed.get(key)?.count ?? 0) });
  }
  return {
    count(key, source, alert) {
      const one = owed.get(key) ?? { source, fingerprint: fingerprintOf(alert), count: 0 };
      one.count += 1;
      owed.set(key, one);
    },
    async pay() {
      const due = [...owed];
      owed = new Map();
      for (let at = 0; at < due.length; at += PAID_AT_ONCE) {
        const part = due.slice(at, at + PAID_AT_ONCE).map(([, one]) => one);
        await addCounts(app.db, part, app.now()).catch((error: unknown) => {
          putBack(due.slice(at));
          throw error;
        });
      }
    },
  };
}

/** What is remembered of an alert: only of one that fires, and not until when it lasts, which each sending moves on. */
function contentOf(source: AlertSource, alert: Alert): Content {
  const key = `${source.key}/${alert.identity}`;
  if (alert.state !== "firing") return { key, content: null };
  return { key, content: hash("sha1", JSON.stringify({ ...alert, lastsUntil: null }), "base64") };
}
