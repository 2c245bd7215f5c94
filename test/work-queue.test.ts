import { expect, test } from "vitest";
import { openWorkQueue } from "../src/work-queue.ts";

/** Work that ends when it is told to. */
function openWork(): { begun: number[]; work(id: number): () => Promise<void>; end(id: number): Promise<void> } {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  return {
    begun,
    work: (id) => () =>
      new Promise((resolve) => {
        begun.push(id);
        ends.set(id, resolve);
      }),
    async end(id) {
      ends.get(id)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("work begins in order, and no more of it runs than there is room for", async () => {
  let room = 2;
  const queue = openWorkQueue(() => room);
  const { begun, work, end } = openWork();
  const all = [1, 2, 3, 4, 5].map((id) => queue.take(work(id)));
  await end(0);
  expect(begun).toEqual([1, 2]);
  await end(2);
  expect(begun).toEqual([1, 2, 3]);
  room = 0;
  await end(1);
  expect(begun).toEqual([1, 2, 3]); // one still runs, and there is no room for more
  await end(3);
  await expect.poll(() => begun).toEqual([1, 2, 3, 4]); // after a moment one goes ahead all the same
  room = 5;
  await end(4);
  await end(5);
  await Promise.all(all);
  expect(begun).toEqual([1, 2, 3, 4, 5]);
});

test("work that fails gives its place to the next, and tells who asked for it", async () => {
  const queue = openWorkQueue(() => 1);
  const failing = queue.take(() => Promise.reject(new Error("it broke")));
  const next = queue.take(() => Promise.resolve("done"));
  await expect(failing).rejects.toThrow("it broke");
  await expect(next).resolves.toBe("done");
});

test("whoever asks is told how much waits", async () => {
  const queue = openWorkQueue(() => 1);
  const { work, end } = openWork();
  const all = [1, 2, 3].map((id) => queue.take(work(id)));
  expect(queue.waiting()).toBe(2);
  await end(0);
  for (const id of [1, 2, 3]) await end(id);
  expect(queue.waiting()).toBe(0);
  await Promise.all(all);
});
