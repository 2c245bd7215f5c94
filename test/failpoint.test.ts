import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";

/** A failpoint ends only a process whose own parent armed it. */

const MODULE = join(import.meta.dirname, "../src/failpoint.ts");
const PASSES = `
  const { failpoint } = await import(${JSON.stringify(MODULE)});
  for (const at of ["C8", "C7", "C8", "C8"]) { await failpoint(at); process.stdout.write(at + " "); }
`;

async function passing(armed: string): Promise<{ signal: NodeJS.Signals | null; passed: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", PASSES], {
    env: { DAYTWO_FAIL_AT: armed },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let passed = "";
  child.stdout.on("data", (chunk: Buffer) => (passed += chunk.toString()));
  const [, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { signal, passed };
}

test("armed by its parent, it ends at that pass", async () => {
  expect(await passing(`C8:2@${process.pid}`)).toEqual({ signal: "SIGKILL", passed: "C8 C7 " });
});

test.each([`C8:2@${process.ppid}`, "C8:2@1", "C8:2", "C8", ""])(
  "armed with %j by nobody, it means nothing",
  async (armed) => {
    expect(await passing(armed)).toEqual({ signal: null, passed: "C8 C7 C8 C8 " });
  },
);
