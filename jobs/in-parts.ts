import { isDoneWithin } from "../src/wait.ts";

/** The results in parts, each in order: those that are ready wait at most `ms` for the slower ones. */
export async function* inParts<Result>(works: readonly Promise<Result>[], ms: number): AsyncGenerator<Result[]> {
  const done = new Map<number, Result>();
  const all = Promise.all(works.map(async (work, index) => done.set(index, await work)));
  for (let left = works.length; left > 0;) {
    await isDoneWithin(ms, all);
    const part = [...done].toSorted(([a], [b]) => a - b).map(([, result]) => result);
    done.clear();
    left -= part.length;
    if (part.length > 0) yield part;
  }
}
