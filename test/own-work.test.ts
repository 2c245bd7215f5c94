import { expect, test } from "vitest";
import { openOwnWork } from "../src/own-work.ts";

/** What a worker does without the queue: one job, and the next once that is over. */

test("it takes one job at a time, and none when it stops", async () => {
  const jobs: { readonly id: number; readonly signal: AbortSignal; readonly end: () => void }[] = [];
  const own = openOwnWork(({ id }, signal) => new Promise((end) => void jobs.push({ id, signal, end })));

  expect([own.takes({ id: 1 }), own.takes({ id: 2 }), own.isUnderWay()]).toEqual([true, false, true]);
  jobs[0]?.end();
  await expect.poll(() => own.isUnderWay()).toBe(false);
  expect(own.takes({ id: 3 })).toBe(true);

  const stopped = own.stop();
  expect(jobs[1]?.signal.aborted).toBe(true);
  jobs[1]?.end();
  await stopped;
  expect(own.takes({ id: 4 })).toBe(false);
  expect(jobs.map(({ id }) => id)).toEqual([1, 3]);
});
