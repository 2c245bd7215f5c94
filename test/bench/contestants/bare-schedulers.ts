import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { whenAsked } from "./asked.ts";

/**
 * The peer: one BullMQ scheduler a check, as its documentation has it, whose jobs do nothing. Made one after the other as
 * fast as that goes, or with their first slots spread evenly over an interval. Asked `from to` (ms since 1970), how late each
 * of these slots was.
 */
const { REDIS_URL = "", CHECKS, EVERY, SPREAD } = process.env;
const [count, every] = [Number(CHECKS), Number(EVERY)];
const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
const queue = new Queue("schedulers", { connection });
const looks: { check: string; slot: number; late: number }[] = [];
const worker = new Worker(
  "schedulers",
  ({ id = "" }) => {
    const [, check = "", slot] = id.split(":");
    looks.push({ check, slot: Number(slot), late: Date.now() - Number(slot) });
    return Promise.resolve();
  },
  { connection: connection.duplicate(), concurrency: 100 },
);
worker.on("error", (error) => process.stderr.write(`${String(error)}\n`));
await worker.waitUntilReady();
const first = Date.now() + 2_000;
const template = { name: "look", opts: { removeOnComplete: true } };
for (let made = 0; made < count; made += 100)
  await Promise.all(
    Array.from({ length: 100 }, (_, n) => {
      const startDate = first + ((made + n) / count) * every;
      const when = SPREAD === "1" ? { every, startDate } : { every };
      return queue.upsertJobScheduler(`s${made + n}`, when, template);
    }),
  );
whenAsked(async (line) => {
  const [from = 0, to = 0] = line.split(" ").map(Number);
  return { looks: looks.filter(({ slot }) => slot >= from && slot < to) };
});
