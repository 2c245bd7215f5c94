import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Short files that take long; of the rest, the size says how long. */
const LONG = ["adding", "other-slack", "story/outages", "walk", "story/last-day", "story/aftermath", "clickers"];

/** What takes longest begins first, so that no worker is left alone with it at the end; also where nothing ran before. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((each) => !isLong(each))];
  }
}

function isLong({ moduleId }: TestSpecification): boolean {
  return LONG.some((name) => moduleId.endsWith(`/test/${name}.test.ts`));
}
