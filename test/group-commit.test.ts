import { expect, test } from "vitest";
import { groupCommit } from "../src/group-commit.ts";

/** What is asked for while a round is under way goes with the next one, and each who asks hears of their own. */

test("what comes together is one round, what comes meanwhile is the next", async () => {
  const rounds: (readonly number[])[] = [];
  const first = Promise.withResolvers<void>();
  const doubled = groupCommit(async (asks: readonly number[]) => {
    rounds.push(asks);
    if (rounds.length === 1) await first.promise;
    return asks.map((ask) => ask * 2);
  });
  const begun = [doubled(1), doubled(2)];
  await new Promise((next) => setImmediate(next));
  const later = [doubled(3), doubled(4)];
  first.resolve();
  expect(await Promise.all([...begun, ...later])).toEqual([2, 4, 6, 8]);
  expect(rounds).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test("a round takes no more than it may, and one that is bigger by itself goes alone", async () => {
  const rounds: (readonly number[])[] = [];
  const counted = groupCommit(
    async (asks: readonly number[]) => {
      rounds.push(asks);
      return asks;
    },
    { most: 5, size: (ask) => ask },
  );
  await Promise.all([2, 3, 1, 9, 4].map((ask) => counted(ask)));
  expect(rounds).toEqual([[2, 3], [1], [9], [4]]);
});

test("what PostgreSQL cannot take of one costs the others nothing; what it takes of nobody costs all", async () => {
  const refused = groupCommit(async (asks: readonly string[]) => {
    const [code] = asks.filter((ask) => /^\d/.test(ask));
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    return asks;
  });
  const bad = await Promise.allSettled(["a", "22P05", "b"].map((ask) => refused(ask)));
  expect(bad.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const away = await Promise.allSettled(["a", "57P01", "b"].map((ask) => refused(ask)));
  expect(away.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
});
