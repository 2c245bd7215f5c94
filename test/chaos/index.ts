import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DEFECTS, overlay, TREE, type Defect } from "./defects.ts";
import { FORMS } from "./forms.ts";
import { report } from "./report.ts";
import type { Result } from "./result.ts";
import { run } from "./run.ts";

/**
 * `npm run chaos [-- --short --within <minutes> --seed <n> --json]`: kills, pauses and starves real processes of Daytwo while people work
 * with it, and then compares everything with everything. `--defect <name>` does the same to a broken copy.
 *
 * It ends with 0 when the run shows something and every invariant held, 1 when one broke (with `--defect`: the one that
 * the defect breaks), 2 when the run itself could not be done, 3 when it shows nothing, or did not catch the defect.
 */

const began = performance.now();
function say(line: string): void {
  process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(0)} s: ${line}\n`);
}

type Asked = {
  readonly short: boolean;
  readonly json: boolean;
  readonly seed: number;
  readonly defect: Defect | null;
  /** ms after which the storm ends, whatever it has brought by then. */
  readonly within: number;
};

/** @throws Error in words when that is nothing to do */
function asked(): Asked {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      defect: { type: "string" },
      seed: { type: "string" },
      within: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const defect = DEFECTS.find(({ name }) => name === values.defect) ?? null;
  if (values.defect !== undefined && defect === null)
    throw new Error(`There is no defect ${values.defect}. There is ${DEFECTS.map(({ name }) => name).join(", ")}.`);
  const seed = values.seed === undefined ? randomInt(1, 2 ** 31) : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error("A seed is a whole number.");
  const within = values.within === undefined ? Infinity : Number(values.within) * 60_000;
  if (!(within > 0)) throw new Error("`--within` takes minutes.");
  return { short: values.short, json: values.json, seed, defect, within };
}

async function broken(defect: Defect, seed: number): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "daytwo-defect-"));
  try {
    return await run({ form: FORMS.defect, seed, tree: await overlay(folder, defect), broken: defect, say });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How the run ended, as an exit code. A broken copy that is not caught must not look like the catch that was expected. */
function codeOf({ violations, void: shows }: Result, defect: Defect | null): number {
  if (defect !== null) return violations.some(({ invariant }) => invariant === defect.breaks) ? 1 : 3;
  if (violations.length > 0) return 1;
  return shows.length > 0 ? 3 : 0;
}

async function main(): Promise<number> {
  const { short, json, seed, defect, within } = asked();
  say(`seed ${seed}${defect === null ? "" : `, with the defect ${defect.name}: ${defect.says}`}`);
  const result = await (defect === null
    ? run({ form: short ? FORMS.short : FORMS.full, seed, tree: TREE, within, say })
    : broken(defect, seed));
  const code = codeOf(result, defect);
  process.stdout.write(`${json ? JSON.stringify(result, null, 2) : report(result, { short, defect })}\n`);
  if (defect !== null) say(code === 1 ? `caught: ${defect.breaks}` : `NOT CAUGHT: it should break ${defect.breaks}`);
  return code;
}

function notDone(error: unknown): 2 {
  process.stderr.write(
    `The run could not be done: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 2;
}

// What breaks beside the run says nothing about Daytwo either: by itself it would end with 1, as a broken invariant does.
process.once("uncaughtException", (error) => process.exit(notDone(error)));
process.exitCode = await main().catch(notDone);
