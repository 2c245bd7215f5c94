import { describe, expect, test } from "vitest";
import { PROVIDERS } from "../src/providers/index.ts";
import { conforms, type Conforming } from "./support/conformance.ts";
import { openLocalFarSide } from "./support/local-far-side.ts";

/** Every provider there is, each with the system that it talks to. */
const ALL: readonly Conforming[] = [{ name: "local", open: openLocalFarSide }];

test("no provider is in the catalog that is not held against what all promise", () => {
  expect(ALL.map(({ name }) => name)).toEqual(PROVIDERS.map(({ name }) => name));
});

describe.each(ALL)("$name", (each) => {
  conforms(each);
});
