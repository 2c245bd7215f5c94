import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { whenAsked } from "./asked.ts";

/** The peer: as many jobs that do nothing on bare BullMQ, a hundred at once. Asked, it does them; how long that took, in ms. */
const count = Number(process.env["JOBS"]);
const connection = new Redis(process.env["REDIS_URL"] ?? "", { maxRetriesPerRequest: null });
const queue = new Queue("bare", { connection });
for (let added = 0; added < count; added += 100)
  await Promise.all(
    Array.from({ length: 100 }, (_, n) => queue.add("bare", { id: added + n }, { removeOnComplete: true })),
  );
whenAsked(async () => {
  let done = 0;
  const all = Promise.withResolvers<void>();
  const began = performance.now();
  const worker = new Worker(
    "bare",
    () => {
      done += 1;
      if (done === count) all.resolve();
      return Promise.resolve();
    },
    { connection: connection.duplicate(), concurrency: 100 },
  );
  worker.on("error", (error) => process.stderr.write(`${String(error)}\n`));
  await all.promise;
  return { took: performance.now() - began };
});
