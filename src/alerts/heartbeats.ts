import { addMilliseconds } from "../domain/time.ts";
import type { App } from "../app.ts";
import { changeUnasked } from "../caller.ts";
import type { Heartbeat } from "../domain/alert-source.ts";
import { formatDuration } from "../domain/measures.ts";
import { changeDue } from "../due.ts";
import { Unavailable } from "../errors.ts";
import { redacted } from "../redaction.ts";
import { isRecent, openItem, recoverIfOpen } from "../items/lifecycle.ts";
import { lockHeartbeat, lockSilent, noteBeat, putOffSilence, type StoredHeartbeat } from "../store/heartbeats.ts";
import { lockNewest, type StoredItem } from "../store/items.ts";

/** The door for what must call us in time: a call that says that something failed opens an item, and so does silence. */

const HOUR = 3_600_000;

/** One call; `failure` is what it says went wrong, null where all is well. @throws Unavailable where it is not known yet */
export async function takeBeat(app: App, heartbeat: Heartbeat, failure: string | null): Promise<void> {
  const { key, every, grace } = heartbeat;
  await changeUnasked(app, async (change) => {
    const { db, now } = change;
    if ((await lockHeartbeat(db, key)) === null)
      throw new Unavailable("This heartbeat is not known yet.", { hint: "Call again in a few seconds." });
    await noteBeat(db, key, now, addMilliseconds(now, every + grace), failure === null);
    if (failure === null) return recoverIfOpen(change, fingerprintOf(key), "it called again");
    const said = redacted(failure.trim().slice(0, 1_000));
    await openItem(change, app.inForce(), {
      ...sightingOf(heartbeat),
      summary: `${key} says that it failed`,
      evidence: said === "" ? {} : { "it says": said },
      since: now,
    });
  });
}

/** Tells of silence: when it begins, and again after each further interval, until the next call or a person's word. */
export async function tellSilence(app: App): Promise<void> {
  const inForce = app.inForce();
  await changeDue(app, {
    what: "telling of silent heartbeats",
    severity: "critical",
    most: 50,
    rows: lockSilent,
    nameOf: ({ name }) => name,
    async work(change, stored) {
      const heartbeat = inForce.catalog.heartbeats?.[stored.name];
      const again = Math.min(Math.max(heartbeat?.every ?? HOUR, HOUR), 24 * HOUR);
      await putOffSilence(change.db, stored.name, addMilliseconds(change.now, again));
      if (heartbeat === undefined) return; // another process knows a newer catalog than we
      const newest = await lockNewest(change.db, fingerprintOf(stored.name));
      if (newest !== null && wasClosedMeanwhile(newest, stored, change.now)) return;
      await openItem(change, inForce, {
        ...sightingOf(heartbeat),
        summary: `${stored.name} is silent: ${silence(stored, heartbeat, change.now)}`,
        evidence: {},
        since: stored.lastAt ?? stored.appearedAt,
      });
    },
  });
}

/** A person closed it during this silence: then it stays closed for the reopen window. */
function wasClosedMeanwhile(item: StoredItem, { lastAt, appearedAt }: StoredHeartbeat, now: Date): boolean {
  const since = lastAt ?? appearedAt;
  return item.state === "resolved" && item.resolvedAt !== null && item.resolvedAt > since && isRecent(item, now);
}

function silence({ lastAt, appearedAt }: StoredHeartbeat, { every }: Heartbeat, now: Date): string {
  const expected = `expected every ${formatDuration(every)}`;
  if (lastAt === null) return `never called in ${formatDuration(now.getTime() - appearedAt.getTime())}, ${expected}`;
  return `no call for ${formatDuration(now.getTime() - lastAt.getTime())}, ${expected}`;
}

function fingerprintOf(key: string): string {
  return `heartbeat/${key}`;
}

function sightingOf({ key, service, responsibility, severity }: Heartbeat) {
  return {
    fingerprint: fingerprintOf(key),
    origin: "alert" as const,
    service: service ?? null,
    responsibility,
    severity,
  };
}
