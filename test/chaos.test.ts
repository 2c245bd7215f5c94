import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DEFECTS, edited, TREE } from "./chaos/defects.ts";
import type { Result } from "./chaos/result.ts";

/** `npm run chaos` itself: its short form holds, and it bites. */

const INDEX = join(import.meta.dirname, "chaos/index.ts");
const WITHIN = 600_000; // ms

const installed = (process.env["PATH"] ?? "")
  .split(delimiter)
  .some((folder) => existsSync(join(folder, "redis-server")));

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

/** Those that need no waiting for an attempt to settle; the others are for the run by hand. */
const CAUGHT = {
  "loose-quorum": "I5 AUTHZ-AT-USE",
  "bare-hash": "I5 AUTHZ-AT-USE",
  "job-id-guard": "I2 AT-MOST-ONE-EFFECT",
  "late-audit": "I6 AUDIT-BEFORE-EFFECT",
  "no-settle": "I3 NO-SILENT-RETRY",
} as const;

describe.skipIf(!installed)("with real servers", () => {
  test.each(Object.entries(CAUGHT))(
    "it catches %s, and names %s",
    async (defect, invariant) => {
      const { code, result } = await chaos("--defect", defect, "--seed", "1");
      expect(result.violations.map((each) => each.invariant)).toContain(invariant);
      expect(code).toBe(1);
    },
    WITHIN,
  );

  test(
    "the short form shows something, and every invariant holds",
    async () => {
      const { code, result } = await chaos("--short", "--seed", "1");
      expect(result.violations).toEqual([]);
      expect(result.void).toEqual([]);
      expect(code).toBe(0);
    },
    WITHIN,
  );
});
