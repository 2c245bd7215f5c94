import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFECTS, edited, TREE } from "./chaos/defects.ts";
import type { Result } from "./chaos/result.ts";

/** `npm run chaos` itself: its short form holds, and its broken copies can be made. */

const INDEX = join(import.meta.dirname, "chaos/index.ts");
const WITHIN = 1_800_000; // ms: it gives a slow machine its time

/** It takes minutes, and redis-server: every change is to pass it, not every run of the tests by hand. */
const isLeftOut = process.env["CI"] === undefined;
const why = isLeftOut ? " (left out: run it with CI=true, or npm run chaos -- --short)" : "";

/** Runs it as people do; how it ended and what it found. */
function chaos(...args: readonly string[]): Promise<{ code: number; result: Result }> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [INDEX, "--json", ...args], { maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : 0;
      try {
        resolve({ code, result: JSON.parse(stdout) as Result });
      } catch {
        reject(new Error(`chaos said no JSON and ended with ${code}:\n${stderr}`));
      }
    });
  });
}

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
  await expect(ended("--defect", "none")).resolves.toEqual({
    code: 2,
    said: expect.stringContaining("no defect none"),
  });
});

test.skipIf(isLeftOut)(
  `the short form shows something, and every invariant holds${why}`,
  async () => {
    const { code, result } = await chaos("--short", "--seed", "1");
    expect(result.violations).toEqual([]);
    expect(result.void).toEqual([]);
    expect(code).toBe(0);
  },
  WITHIN,
);
