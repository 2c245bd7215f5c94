import { sqlState } from "./db/sql.ts";

/**
 * Group commit: what is asked for while a round is under way waits, and goes with the next one. Each who asks hears of
 * their own once the round that it was part of is over.
 */

type Waiting<Ask, Answer> = {
  readonly ask: Ask;
  readonly settle: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
};

/**
 * `round` answers all of them, in their order. `most` bounds what goes into one round by the sizes of what is asked; one
 * that is bigger by itself goes alone.
 */
export function groupCommit<Ask, Answer>(
  round: (asks: readonly Ask[]) => Promise<readonly Answer[]>,
  { most = Number.POSITIVE_INFINITY, size = () => 1 }: { most?: number; size?: (ask: Ask) => number } = {},
): (ask: Ask) => Promise<Answer> {
  let waiting: Waiting<Ask, Answer>[] = [];
  let isUnderWay = false;

  async function go(): Promise<void> {
    await new Promise((next) => setImmediate(next));
    while (waiting.length > 0) await answer(nextRound());
    isUnderWay = false;
  }
  function nextRound(): readonly Waiting<Ask, Answer>[] {
    let sum = 0;
    const full = waiting.findIndex(({ ask }) => (sum += size(ask)) > most);
    const next = full === -1 ? waiting : waiting.slice(0, Math.max(1, full));
    waiting = waiting.slice(next.length);
    return next;
  }
  /** What PostgreSQL cannot take of one must not cost the others theirs. */
  async function answer(all: readonly Waiting<Ask, Answer>[]): Promise<void> {
    try {
      const answers = await round(all.map(({ ask }) => ask));
      for (const [index, each] of all.entries()) each.settle(answers[index] as Answer);
    } catch (error) {
      if (all.length > 1 && isOfOne(error)) for (const each of all) await answer([each]);
      else for (const each of all) each.fail(error);
    }
  }
  return (ask) =>
    new Promise((settle, fail) => {
      waiting.push({ ask, settle, fail });
      if (!isUnderWay) void go();
      isUnderWay = true;
    });
}

/** A value that PostgreSQL refuses, or a statement that is too big for it. */
const OF_ONE = /^2[23]|^54/;

function isOfOne(error: unknown): boolean {
  return OF_ONE.test(sqlState(error) ?? "");
}
