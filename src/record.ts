import type { App } from "./app.ts";
import { transaction, type Db } from "./db/sql.ts";
import { GENESIS, sealHash, shortHead } from "./domain/seal.ts";
import {
  becomeSealer,
  countUnsealed,
  headOf,
  holdStill,
  insertSeals,
  linksAfter,
  lostEvent,
  strayEvent,
  takeUnsealed,
  unsealed,
  type Head,
  type NewSeal,
  type SealedEvent,
} from "./store/seals.ts";

/** The door to the record of what happened: it seals events into a chain after they are committed, and checks the chain. */

const BATCH = 1_000;

/** Seals what is owed, up to a batch; whether there may be more. One at a time: another sealer's turn is left to it. */
export async function sealEvents(app: Pick<App, "db" | "now">, batch = BATCH): Promise<boolean> {
  return transaction(app.db, async (db) => {
    if (!(await becomeSealer(db))) return false;
    const head = await headOf(db);
    const events = await takeUnsealed(db, batch);
    const sealedAt = app.now();
    const seals: NewSeal[] = [];
    let { hash } = head;
    for (const event of events) {
      const seq = head.seq + seals.length + 1;
      hash = sealHash(hash, { ...event, seq: String(seq), sealedAt: String(sealedAt.getTime() * 1000) });
      seals.push({ seq, event: event.id, hash });
    }
    if (seals.length > 0) await insertSeals(db, seals, sealedAt);
    return events.length === batch;
  });
}

/** The newest seal, how many events wait for theirs, and when the first of these happened. */
export async function sealed(db: Db): Promise<{ head: Head; behind: number; since: Date | null }> {
  return { head: await headOf(db), ...(await unsealed(db)) };
}

/** The head as people keep and compare it; null while nothing is sealed. */
export async function recordHead(db: Db): Promise<string | null> {
  const { seq, hash } = await headOf(db);
  return seq === 0 ? null : shortHead(hash);
}

export type Verified = {
  /** Links found good, up to the first that is not. */
  readonly good: number;
  readonly head: string;
  /** Microseconds since 1970 of the newest good seal's event, as text; null before the first. */
  readonly until: string | null;
  readonly behind: number;
  /** The first thing that is not as it was written; null when nothing was changed. */
  readonly problem: string | null;
  /** Whether the head asked about is one that the chain had; null when none was asked about. */
  readonly knowsHead: boolean | null;
};

type Asked = { readonly wanted?: string; readonly batch?: number };

/** Walks the whole chain as of one moment, `batch` links in memory at a time. `wanted` is the start of a head that somebody kept. */
export async function verify(pool: App["db"], asked: Asked = {}): Promise<Verified> {
  return transaction(pool, async (db) => {
    await holdStill(db);
    return walkChain(db, asked);
  });
}

/** The same in a transaction of the caller's, which has to see one moment. */
export async function walkChain(db: Db, { wanted, batch = BATCH }: Asked = {}): Promise<Verified> {
  const walk = { good: 0, head: GENESIS, until: null as string | null, knows: false };
  let problem: string | null = null;
  let after: string | null = null;
  for (;;) {
    const links: SealedEvent[] = await linksAfter(db, after, batch);
    for (const link of links) {
      problem = problemOf(link, walk.good + 1, walk.head);
      if (problem !== null) break;
      walk.good += 1;
      walk.head = link.hash;
      walk.until = link.at;
      walk.knows ||= wanted !== undefined && link.hash.startsWith(wanted);
    }
    if (problem !== null || links.length < batch) break;
    after = links.at(-1)?.seq ?? null;
  }
  return {
    good: walk.good,
    head: walk.head,
    until: walk.until,
    behind: await countUnsealed(db),
    problem: problem ?? (await problemOutside(db)),
    knowsHead: wanted === undefined ? null : walk.knows,
  };
}

function problemOf(link: SealedEvent, expected: number, previous: string): string | null {
  if (link.seq !== String(expected))
    return BigInt(link.seq) < BigInt(expected)
      ? `seal ${link.seq} was inserted before the first`
      : `seal ${expected} was removed`;
  if (link.id === null) return `event ${link.event} (seal ${link.seq}) was removed`;
  return sealHash(previous, { ...link, id: link.id }) === link.hash
    ? null
    : `event ${link.event} or its seal ${link.seq} was changed or put in another place`;
}

async function problemOutside(db: Db): Promise<string | null> {
  const stray = await strayEvent(db);
  if (stray !== null) return `event ${stray} was inserted beside the log, or its seal was removed`;
  const lost = await lostEvent(db);
  return lost === null ? null : `event ${lost} was removed before it was sealed`;
}
