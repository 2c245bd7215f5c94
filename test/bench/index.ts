import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { createRequire } from "node:module";
import { markdown, merged, SHOWN, withFigures, type Report } from "./report.ts";
import { run, type Result } from "./rounds.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { openWorld } from "./world.ts";

/**
 * `npm run bench [-- --only <name> --quick --json --write]`: measures Daytwo beside its peers in the same run, and says
 * which goals are met. `--write` keeps the figures in docs/bench.json and in the documents that show them, with `--only`
 * those of the others as they were. Exit 1 only when a figure is void, because the work behind it was not done right.
 */

const ROOT = new URL("../../", import.meta.url);

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const chosen = values.only === undefined ? Object.values(SCENARIOS).flat() : (SCENARIOS[values.only] ?? []);
if (chosen.length === 0) {
  process.stderr.write(`There is no scenario ${values.only ?? ""}. There is ${Object.keys(SCENARIOS).join(", ")}.\n`);
  process.exit(2);
}

const NAMES = Object.values(SCENARIOS).flatMap((scenarios) => scenarios.map(({ name }) => name));
const world = await openWorld();
const results: Result[] = [];
try {
  for (const scenario of chosen) {
    process.stderr.write(`${scenario.name} …\n`);
    results.push(await run(scenario, { world, isQuick: values.quick }, values.quick ? 2 : 5));
  }
} finally {
  await world.close();
}
const [cpu] = cpus();
const report: Report = {
  machine: `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GB`,
  versions: {
    Node: process.version.slice(1),
    PostgreSQL: world.postgres.version,
    Redis: world.redis.version,
    Bolt: versionOf("@slack/bolt"),
    BullMQ: versionOf("bullmq"),
  },
  isQuick: values.quick,
  results,
};
process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : markdown(report)}\n`);
if (values.write) await keep(report, values.only === undefined);
if (results.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;

async function keep(measured: Report, isWhole: boolean): Promise<void> {
  const figures = new URL("docs/bench.json", ROOT);
  const report = isWhole ? measured : merged(JSON.parse(await readFile(figures, "utf8")) as Report, measured, NAMES);
  await writeFile(figures, `${JSON.stringify(report, null, 2)}\n`);
  for (const [path, words] of Object.entries(SHOWN)) {
    const document = new URL(path, ROOT);
    await writeFile(document, withFigures(await readFile(document, "utf8"), words(report)));
  }
}

function versionOf(name: string): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
}
