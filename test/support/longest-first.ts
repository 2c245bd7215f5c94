import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longer than its size says, the longest first; of the rest, the size says how long. */
const LONG = [
  "adding",
  "story/owning",
  "conformance/ssh-certificates",
  "story/demo.browser",
  "story/fleet-demo",
  "clickers",
  "story/outages",
  "conformance/ssh",
  "secrets",
  "story/aftermath",
  "story/folding",
  "story/run",
  "story/on-call",
  "walk",
  "story/delivered",
  "story/sequence",
  "story/sequence-stops",
  "story/kubernetes",
  "story/tour",
  "storm",
  "story/asking",
  "record",
  "conformance/aws",
  "conformance/kubernetes",
  "conformance/google",
  "conformance/kubernetes-certificates",
  "conformance/cloud66",
  "page.browser",
  "story/alerts",
  "guard",
  "story/ssh",
  "fleet",
  "story/unclear",
  "other-slack",
  "fleet-lifetime",
  "redis",
  "delivery.places",
  "conformance/heroku",
  "conformance/postgres",
];

/** What takes longest begins first, so that no worker is left alone with it at the end; also where nothing ran before. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const long = LONG.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(`/test/${name}.test.ts`)));
    return [...long, ...sorted.filter((each) => !long.includes(each))];
  }
}
