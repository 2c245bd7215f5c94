import { randomUUID } from "node:crypto";
import type { App } from "../app.ts";
import { tellBroken } from "../broken-item.ts";
import { takeAlerts } from "./batch.ts";
import type { Alert } from "../domain/alert.ts";
import type { AlertSource } from "../domain/alert-source.ts";
import { Unavailable } from "../errors.ts";
import { redactedIn } from "../redaction.ts";
import { groupCommit } from "../group-commit.ts";
import { openDeduplication } from "./deduplication.ts";
import { receivedOf, type Received } from "./received.ts";

/**
 * Takes alerts in batches: requests that come in while one is being written go with the next, and each is answered once
 * its batch is committed.
 */
export type AlertIntake = {
  /** Resolves once all of them are committed. @throws Unavailable when too many wait, or some of these cannot be kept */
  take(source: AlertSource, alerts: readonly Alert[]): Promise<void>;
  /** Resolves when nothing waits. */
  close(): Promise<void>;
};

const MOST_WAITING = 20_000; // alerts that are not written yet
const BATCH = 2_000; // alerts; a request that has more is a batch of its own

export function openAlertIntake(app: App): AlertIntake {
  const writer = randomUUID();
  const seen = openDeduplication(app, writer);
  const keepTogether = groupCommit(
    async (sent: readonly (readonly Received[])[]) => {
      const fresh = await seen.fresh(sent.flat());
      const lost = fresh.length === 0 ? new Set<string>() : await keep(fresh);
      return sent.map((each) => lost.size === 0 || each.every(({ key }) => !lost.has(key)));
    },
    { most: BATCH, size: (each) => each.length },
  );
  const open = new Set<Promise<boolean>>();
  let waiting = 0; // alerts

  /** The keys of what could not be kept. */
  async function keep(fresh: readonly Received[]): Promise<ReadonlySet<string>> {
    const lost = await takeAlerts(app, fresh, writer);
    seen.learn(fresh, lost);
    // Where no worker runs nobody else tells of it.
    if (lost.size > 0)
      await tellBroken(app).catch((err: unknown) => app.log.error({ err }, "nobody can be told of what breaks"));
    return lost;
  }

  return {
    async take(source, alerts) {
      if (alerts.length === 0) return;
      if (waiting >= MOST_WAITING)
        throw new Unavailable("Too many alerts wait to be kept.", { hint: "Send them again in a few seconds." });
      const sent = redactedIn(alerts).map((alert) => receivedOf(source, alert));
      waiting += alerts.length;
      const kept = keepTogether(sent).finally(() => {
        waiting -= alerts.length;
        open.delete(kept);
      });
      open.add(kept);
      if (!(await kept))
        throw new Unavailable("Some of these alerts could not be kept, all others are.", {
          hint: "Send them again in a minute.",
        });
    },
    async close() {
      while (open.size > 0) await Promise.allSettled(open);
    },
  };
}
