import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DEFECTS, overlay, TREE } from "./defects.ts";
import { FORMS, type Form } from "./forms.ts";
import { report } from "./report.ts";
import type { Result } from "./result.ts";
import { run } from "./run.ts";

/**
 * `npm run chaos [-- --short --seed <n> --json]`: kills, pauses and starves real processes of Daytwo while people work
 * with it, and then compares everything with everything. Exit 0 only when the run shows something and every invariant
 * held. `--defect <name>` does the same to a broken copy, and exits 1 with the name of the invariant that broke.
 */

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    defect: { type: "string" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const defect = DEFECTS.find(({ name }) => name === values.defect);
if (values.defect !== undefined && defect === undefined) {
  process.stderr.write(
    `There is no defect ${values.defect}. There is ${DEFECTS.map(({ name }) => name).join(", ")}.\n`,
  );
  process.exit(2);
}
const seed = values.seed === undefined ? randomInt(1, 2 ** 31) : Number(values.seed);
if (!Number.isSafeInteger(seed) || seed < 0) {
  process.stderr.write("A seed is a whole number.\n");
  process.exit(2);
}

const began = performance.now();
function say(line: string): void {
  process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(0)} s: ${line}\n`);
}

say(`seed ${seed}${defect === undefined ? "" : `, with the defect ${defect.name}: ${defect.says}`}`);
const result = defect === undefined ? await plainly() : await broken(defect);
process.stdout.write(`${values.json ? JSON.stringify(result, null, 2) : report(result)}\n`);
// A broken copy that is not caught is the run's own failure, and must not look like the catch that was expected.
if (result.violations.length > 0) process.exitCode = 1;
else if (result.void.length > 0 || defect !== undefined) process.exitCode = 3;

function plainly(): Promise<Result> {
  const form: Form = values.short ? FORMS.short : FORMS.full;
  return run({ form, seed, tree: TREE, say });
}

async function broken(chosen: (typeof DEFECTS)[number]): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "daytwo-defect-"));
  try {
    const tree = await overlay(folder, chosen);
    return await run({ form: FORMS.defect, seed, tree, stories: chosen.stories, say });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
