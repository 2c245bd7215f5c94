import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorkers } from "../jobs/index.ts";
import type { App } from "../src/app.ts";
import { until } from "./support/until.ts";
import { PAIRS, startBot, type TestBot } from "./support/bot.ts";

/** Workers start together or not at all. */

let bots: TestBot[];

beforeAll(async () => {
  bots = await Promise.all(PAIRS.map((pair) => startBot(pair)));
});
afterAll(() => Promise.all(bots.map((bot) => bot.close())));

test.each([0, 1])(
  "when one queue cannot be worked on, nobody goes on asking for jobs of the others (%i)",
  async (which) => {
    const bot = bots[which];
    if (bot === undefined) throw new Error("it did not start");
    const { app } = bot.bot;
    const stopped: string[] = [];
    const queues: App["queues"] = {
      ...app.queues,
      async work(name, processor) {
        if (name === "operations") throw new Error("the queue is away");
        const stop = await app.queues.work(name, processor);
        return async () => {
          await stop();
          stopped.push(name);
        };
      },
    };
    await expect(startWorkers({ ...app, queues })).rejects.toThrow("the queue is away");
    await until("the others to have stopped", () => stopped.join() === "checks");
  },
);
