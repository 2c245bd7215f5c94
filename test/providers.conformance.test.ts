import { describe, expect, test } from "vitest";
import { PROVIDERS } from "../src/providers/index.ts";
import { conforms, type Conforming } from "./support/conformance.ts";
import { openKubernetesFarSide } from "./support/kubernetes-far-side.ts";
import { openLocalFarSide } from "./support/local-far-side.ts";

/** Every provider there is, each with the system that it talks to. */
const ALL: readonly Conforming[] = [
  // By a 409, or a 422 to a list of operations, nothing was done: it reads again, finds that nothing that matters has
  // changed, and sends it anew.
  { name: "kubernetes", open: openKubernetesFarSide, answers: { 409: "done", 422: "done" } },
  { name: "local", open: openLocalFarSide },
];

test("no provider is in the catalog that is not held against what all promise", () => {
  expect(ALL.map(({ name }) => name)).toEqual(PROVIDERS.map(({ name }) => name));
});

describe.each(ALL)("$name", (each) => {
  conforms(each);
});
