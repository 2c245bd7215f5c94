import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { guarded } from "./people.ts";
import { rest, withWorker, type Use } from "./scenario.ts";

/** What processes stand on goes away, again and again. */

/** A worker stands still for a while, and its sessions end. */
export async function paused(use: Use): Promise<void> {
  while (!use.enough.aborted) {
    await rest(use, 10_000);
    await withWorker(use, null, async (worker) => {
      worker.stop();
      worker.proxy.endSessions();
      use.came(worker.name);
      await pause(use.random.between(500, 4_000));
    });
  }
}

/** A commit whose answer is lost, or which never arrives: whoever made it cannot tell which. */
export async function commitCut(use: Use): Promise<void> {
  const { installation, random } = use;
  while (!use.enough.aborted) {
    await rest(use, 7_000);
    const up = [installation.web, ...installation.workers].filter((each) => each.process().ready);
    if (up.length < 3) continue;
    const slot = random.pick(up);
    slot.proxy.cutCommit(random.chance(0.7) ? "answer lost" : "lost");
    use.came(slot.name);
  }
}

export async function queueEmptied(use: Use): Promise<void> {
  const redis = new Redis(use.servers.redis.url);
  redis.on("error", () => undefined);
  while (!use.enough.aborted) {
    await rest(use, 14_000);
    await guarded(async () => void (await redis.flushall()));
    use.came(use.installation.name);
  }
  redis.disconnect();
}

export async function databaseKilled(use: Use): Promise<void> {
  while (!use.enough.aborted) {
    await rest(use, 35_000);
    if (use.enough.aborted) return;
    use.came("PostgreSQL");
    await use.servers.killPostgres();
  }
}
