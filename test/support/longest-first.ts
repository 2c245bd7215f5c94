import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longer than its size says, the longest first; of the rest, the size says how long. */
const LONG = [
  "conformance/ssh",
  "conformance/ssh-certificates",
  "story/fleet-demo",
  "story/demo.browser",
  "clickers",
  "other-slack",
  "story/outages",
  "redis",
  "story/run",
  "story/sequence-stops",
  "story/sequence",
  "story/aftermath",
  "page.browser",
  "fleet",
  "secrets",
  "adding",
  "story/kubernetes",
  "story/tour",
  "story/unclear",
  "story/silence",
  "providers.ssh",
  "story/ssh",
  "guard",
  "fleet-lifetime",
  "walk",
];

/** What takes longest begins first, so that no worker is left alone with it at the end; also where nothing ran before. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const long = LONG.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(`/test/${name}.test.ts`)));
    return [...long, ...sorted.filter((each) => !long.includes(each))];
  }
}
