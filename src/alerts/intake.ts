import { randomUUID } from "node:crypto";
import type { App } from "../app.ts";
import { takeAlerts } from "./batch.ts";
import type { Alert } from "../domain/alert.ts";
import type { AlertSource } from "../domain/alert-source.ts";
import { Unavailable } from "../errors.ts";
import { redactedIn } from "../redaction.ts";
import { groupCommit } from "../group-commit.ts";
import { openDeduplication, type Fresh, type Sent } from "./deduplication.ts";

/**
 * Takes alerts in batches: requests that come in while one is being written go with the next, and each is answered once
 * its batch is committed.
 */
export type AlertIntake = {
  /** Resolves once all of them are committed. @throws Unavailable when too many wait */
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
    async (sent: readonly Sent[]) => {
      const fresh = await seen.fresh(sent);
      if (fresh.received.length > 0) await keep(fresh);
      return sent.map(() => undefined);
    },
    { most: BATCH, size: ({ alerts }) => alerts.length },
  );
  const open = new Set<Promise<void>>();
  let waiting = 0; // alerts

  async function keep({ received, contents }: Fresh): Promise<void> {
    seen.forget(contents);
    await takeAlerts(app, received, writer);
    seen.learn(contents);
  }

  return {
    async take(source, alerts) {
      if (alerts.length === 0) return;
      if (waiting >= MOST_WAITING)
        throw new Unavailable("Too many alerts wait to be kept.", { hint: "Send them again in a few seconds." });
      const sent = { source, alerts: redactedIn(alerts) };
      waiting += alerts.length;
      const kept = keepTogether(sent).finally(() => {
        waiting -= alerts.length;
        open.delete(kept);
      });
      open.add(kept);
      await kept;
    },
    async close() {
      while (open.size > 0) await Promise.allSettled(open);
    },
  };
}
