import { randomUUID } from "node:crypto";
import type { App } from "./app.ts";
import { openMemory, type Fresh } from "./alert-memory.ts";
import { takeAlerts } from "./alerting.ts";
import { sqlState } from "./db/sql.ts";
import type { Alert } from "./domain/alert.ts";
import type { AlertSource } from "./domain/catalog.ts";
import { Unavailable } from "./errors.ts";
import { hiddenIn } from "./hidden.ts";

/**
 * What waits together is kept together: requests that come in while a batch is under way go with the next one, and each is
 * answered once its batch is committed.
 */
export type AlertIntake = {
  /** Resolves once all of them are committed. @throws Unavailable when too many wait */
  take(source: AlertSource, alerts: readonly Alert[]): Promise<void>;
  /** Resolves when nothing waits and everything that was counted is kept. */
  close(): Promise<void>;
};

const MOST_WAITING = 20_000; // alerts
const BATCH = 2_000; // alerts, or one request that has more
const OWED_FOR = 10_000; // ms until what was counted is kept

type Waiting = {
  readonly source: AlertSource;
  readonly alerts: readonly Alert[];
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
};

export function openAlertIntake(app: App): AlertIntake {
  const writer = randomUUID();
  const memory = openMemory(app, writer);
  let waiting: Waiting[] = [];
  let size = 0;
  let flushing: Promise<void> | null = null;

  async function flush(): Promise<void> {
    await new Promise((next) => setImmediate(next));
    while (waiting.length > 0) {
      const batch = nextBatch();
      await commit(batch);
    }
    flushing = null;
  }
  function nextBatch(): Waiting[] {
    let alerts = 0;
    const full = waiting.findIndex((each) => (alerts += each.alerts.length) > BATCH);
    const batch = full === -1 ? waiting : waiting.slice(0, Math.max(1, full));
    waiting = waiting.slice(batch.length);
    size -= batch.reduce((sum, each) => sum + each.alerts.length, 0);
    return batch;
  }
  /** What PostgreSQL cannot take of one request must not cost the others theirs. */
  async function commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const fresh = await memory.fresh(batch);
      if (fresh.received.length > 0) await keep(fresh);
      for (const each of batch) each.settle();
    } catch (error) {
      if (batch.length > 1 && /^2[23]|^54/.test(sqlState(error) ?? "")) for (const each of batch) await commit([each]);
      else for (const each of batch) each.fail(error);
    }
  }
  async function keep({ received, contents }: Fresh): Promise<void> {
    memory.forget(contents);
    await takeAlerts(app, received, writer);
    memory.learn(contents);
  }
  const timer = setInterval(
    () => void memory.payOwed().catch((err: unknown) => app.log.warn({ err }, "alerts could not be counted")),
    OWED_FOR,
  );
  timer.unref();

  return {
    take(source, alerts) {
      if (alerts.length === 0) return Promise.resolve();
      if (size >= MOST_WAITING)
        throw new Unavailable("Too many alerts wait to be kept.", { hint: "Send them again in a few seconds." });
      return new Promise((settle, fail) => {
        waiting.push({ source, alerts: hiddenIn(alerts), settle, fail });
        size += alerts.length;
        flushing ??= flush();
      });
    },
    async close() {
      clearInterval(timer);
      while (flushing !== null) await flushing;
      await memory.payOwed();
    },
  };
}
