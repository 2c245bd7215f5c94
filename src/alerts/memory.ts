import { hash } from "node:crypto";
import type { App } from "../app.ts";
import { fingerprintOf, REMEMBERED, type Received } from "./settling.ts";
import type { Alert } from "../domain/alert.ts";
import type { AlertSource } from "../domain/alert-source.ts";
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

/** What alerts say, as a hash, by source and fingerprint; null where that is not remembered. */
type Contents = ReadonlyMap<string, string | null>;
/** What of a batch has to be written, and what may be remembered once it is. */
export type Fresh = { readonly received: readonly Received[]; readonly contents: Contents };

export type Memory = {
  /** What of a batch has to be written: all that is not known to stand there already. */
  fresh(batch: readonly Sent[]): Promise<Fresh>;
  learn(contents: Contents): void;
  forget(contents: Contents): void;
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
          const key = `${source.key}/${fingerprint}`;
          const content = contentOf(alert);
          if (!contents.has(key) && isKnown(key, content, now)) {
            owed.count(key, { source: source.key, fingerprint });
          } else {
            received.push({ source, fingerprint, alert, count: 1 });
            contents.set(key, content);
          }
        }
      }
      return { received, contents };
    },
    learn(contents) {
      const at = app.now().getTime();
      for (const [key, content] of contents) if (content !== null) known.set(key, { content, at });
      for (const key of known.keys()) {
        if (known.size <= MOST_REMEMBERED) break;
        known.delete(key);
      }
    },
    forget(contents) {
      for (const key of contents.keys()) known.delete(key);
    },
    payOwed: () => owed.pay(),
  };
}

type Owed = { readonly source: string; readonly fingerprint: string; count: number };

/** How often alerts came that were not written again, until it is added to their rows. */
function openOwed(app: App): { count(key: string, of: Omit<Owed, "count">): void; pay(): Promise<void> } {
  let owed = new Map<string, Owed>();

  function putBack(unpaid: readonly [string, Owed][]): void {
    for (const [key, { count, ...one }] of unpaid)
      owed.set(key, { ...one, count: count + (owed.get(key)?.count ?? 0) });
  }
  return {
    count(key, of) {
      const one = owed.get(key) ?? { ...of, count: 0 };
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

/** Only of one that fires, and not until when it lasts, which each sending moves on. */
function contentOf(alert: Alert): string | null {
  if (alert.state !== "firing") return null;
  const said = { ...alert, lastsUntil: null, startedAt: alert.startedAt?.getTime() };
  return hash("sha1", JSON.stringify(said), "base64");
}
