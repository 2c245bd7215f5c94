import type { App } from "./app.ts";
import { transaction } from "./db/sql.ts";
import { failpoint } from "./failpoint.ts";
import { QUEUES, type QueueName } from "./queues.ts";
import { takeOwed } from "./store/outbox.ts";

/**
 * Pays what is owed to the queue. The debts are taken and the jobs added inside one transaction: a crash in between adds
 * a job twice, which is harmless, and never loses one. True when there may be more.
 */
export async function payQueue(app: App, limit = 200): Promise<boolean> {
  return transaction(app.db, async (db) => {
    const owed = await takeOwed(db, limit);
    const names = Object.keys(QUEUES) as QueueName[];
    for (const name of names) {
      const mine = owed.filter((each) => each.queue === name);
      const jobs = new Map(mine.map(({ subject, trace }) => [subject, { id: subject, trace }]));
      if (jobs.size > 0) await app.queues.add(name, [...jobs.values()]);
    }
    if (owed.length > 0) await failpoint("C4");
    return owed.length === limit;
  });
}
