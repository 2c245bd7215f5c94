import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFECTS, edited, TREE } from "./chaos/defects.ts";

/** `npm run chaos` itself: what it is asked for is understood, and its broken copies can be made. */

const INDEX = join(import.meta.dirname, "chaos/index.ts");
/** How a run ended that was not to begin, and what it said. */
function ended(...args: readonly string[]): Promise<{ code: unknown; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [INDEX, ...args], (error, _, stderr) => resolve({ code: error?.code, said: stderr }));
  });
}

test("every defect still fits the tree that it breaks", async () => {
  for (const { name, edits } of DEFECTS)
    for (const edit of edits) {
      const text = await readFile(join(TREE, edit.file), "utf8");
      expect(edited(text, name, edit)).not.toBe(text);
    }
});

test("an edit that does not fit says so", () => {
  const edit = { file: "src/x.ts", from: "a", to: "b" };
  expect(() => edited("a a", "some-defect", edit)).toThrow("some-defect does not fit src/x.ts any more");
  expect(() => edited("c", "some-defect", edit)).toThrow("there 0 times");
});

test("a run that cannot be done is no breach and no catch", async () => {
  await expect(ended("--seed", "x")).resolves.toEqual({
    code: 2,
    said: expect.stringContaining("A seed is a whole number"),
  });
  await expect(ended("--within", "soon")).resolves.toEqual({
    code: 2,
    said: expect.stringContaining("takes minutes"),
  });
  await expect(ended("--defect", "none")).resolves.toEqual({
    code: 2,
    said: expect.stringContaining("no defect none"),
  });
});
