import { randomUUID } from "node:crypto";
import type { App } from "../app.ts";
import { openMemory, type Fresh } from "./memory.ts";
import { takeAlerts } from "./settling.ts";
import type { Alert } from "../domain/alert.ts";
import type { AlertSource } from "../domain/catalog.ts";
import { Unavailable } from "../errors.ts";
import { hiddenIn } from "../hidden.ts";
import { together } from "../together.ts";

/**
 * What waits together is kept together: requests that come in while a batch is under way go with the next one, and each is
 * answered once its batch is committed.
 */
export type AlertIntake = {
  /** Resolves once all of them are committed. @throws Unavailable when too many wait */
  take(source: AlertSource, alerts: readonly Alert[]): Promise<void>;
  /** Resolves when nothing waits. */
  close(): Promise<void>;
};

const MOST_WAITING = 20_000; // alerts that are not kept yet
const BATCH = 2_000; // alerts, or one request that has more

type Sent = { readonly source: AlertSource; readonly alerts: readonly Alert[] };

export function openAlertIntake(app: App): AlertIntake {
  const writer = randomUUID();
  const memory = openMemory(app, writer);
  const keepTogether = together(
    async (sent: readonly Sent[]) => {
      const fresh = await memory.fresh(sent);
      if (fresh.received.length > 0) await keep(fresh);
      return sent.map(() => undefined);
    },
    { most: BATCH, size: ({ alerts }) => alerts.length },
  );
  const open = new Set<Promise<void>>();
  let waiting = 0; // alerts

  async function keep({ received, contents }: Fresh): Promise<void> {
    memory.forget(contents);
    await takeAlerts(app, received, writer);
    memory.learn(contents);
  }

  return {
    async take(source, alerts) {
      if (alerts.length === 0) return;
      if (waiting >= MOST_WAITING)
        throw new Unavailable("Too many alerts wait to be kept.", { hint: "Send them again in a few seconds." });
      const sent = { source, alerts: hiddenIn(alerts) };
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
