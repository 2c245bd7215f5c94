import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openLog } from "../src/log.ts";
import { PAIRS, startBot, type Pair, type TestBot } from "./support/bot.ts";
import { openCollector, type Collector } from "./support/collector.ts";
import { databaseDump, redisFiles } from "./support/kept.ts";
import { openLeaky, type Leaky } from "./support/leaky.ts";
import { openNeedles } from "./support/needles.ts";
import { plantedSecrets, SHAPES } from "./support/planted.ts";
import { ask } from "./support/redis-servers.ts";
import { onDatabase, openRedis, type TestRedis } from "./support/server.ts";
import { openTaskSupervisor, type TaskSupervisor } from "./support/task-supervisor.ts";
import { until } from "./support/until.ts";

/**
 * 1,000 secrets that the catalog refers to, said by everything that Daytwo listens to: programs, supervisors, watched
 * addresses, files that are wrong, and people. Afterwards none of them is in anything that is kept, in any encoding.
 */

const PLANTED = plantedSecrets(1_000);
const NEEDLES = openNeedles(PLANTED.map(({ secret }) => secret));
const SHAPE = Object.values(SHAPES);
/** Each of them in one shape. */
const SAID = PLANTED.map(({ secret }, index) => SHAPE[index % SHAPE.length]?.(secret) ?? secret);
const TYPED = PLANTED.filter(({ secret }) => !secret.includes("\n")).map(({ secret }) => secret);

/** Prints a file in pieces of seven bytes, and ends badly. */
const PRINT = `import { readFileSync, writeSync } from "node:fs";
const bytes = readFileSync(process.argv[2]);
for (let at = 0; at < bytes.length; at += 7) writeSync(1, bytes.subarray(at, at + 7));
process.exitCode = 3;`;

const MARKED = [
  ...["events", "inbox", "items", "observations", "operations", "steps"].map((table) => `table daytwo.${table}`),
  "log",
  "workspace's journal",
  "what was whispered",
];

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

describe.each(PAIRS)("over $transport with the queue on $queue", ({ transport, queue }: Pair) => {
  let folder: string;
  let supervisor: TaskSupervisor;
  let leaky: Leaky;
  let collector: Collector;
  let redis: TestRedis | null = null;
  let bot: TestBot;
  const logged: string[] = [];

  /** Every credential by a file of its own, every tenth by a variable. */
  function reference(index: number): string {
    return index % 10 === 9 ? `{ env: PLANTED_${index} }` : `{ file: "${join(folder, `${index}`)}" }`;
  }

  function catalog(more = ""): string {
    const all = PLANTED.map((each, index) => ({ ...each, index }));
    const addresses = all.filter(({ value }) => value.startsWith("postgres:"));
    const headers = all.filter(({ value }) => !value.startsWith("postgres:"));
    const groups = [headers.filter((each) => each.isHeader), headers.filter((each) => !each.isHeader)];
    const batches = groups.flatMap((group) =>
      Array.from({ length: Math.ceil(group.length / 40) }, (_, at) => group.slice(at * 40, at * 40 + 40)),
    );
    const asks = batches.map(
      (batch, at) =>
        `        - { name: h${at}, url: "${leaky.url}", headers: { ${batch.map(({ index }) => `x-${index}: ${reference(index)}`).join(", ")} } }`,
    );
    const watches = addresses.map(({ index }) => `        - { name: d${index}, url: ${reference(index)} }`);
    return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
policies: [{ when: { action: run }, approvals: 0 }, { when: { action: scale }, approvals: 0 }]
services:
  shop:
    channel: "#shop"
    owner: ana
    targets:
      web: ${supervisor.target}
      mail: { provider: local, supervisor: "${leaky.url}", application: leaky, token: ${reference(1)} }
    checks:
      ownership: off
      http:
${asks.join("\n")}
      postgres:
${watches.join("\n")}
    tasks:
      print: { command: [node, print.mjs, "{file}"], arguments: { file: { text: 9 } }, on: web, risk: low, timeout: 60s }
${more}`;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "daytwo-secrets-"));
    for (const [index, { value }] of PLANTED.entries()) {
      if (index % 10 === 9) vi.stubEnv(`PLANTED_${index}`, value);
      else await writeFile(join(folder, `${index}`), value);
    }
    supervisor = await openTaskSupervisor(undefined, PLANTED[0]?.value);
    await supervisor.program("print", PRINT);
    leaky = await openLeaky(SAID);
    collector = await openCollector();
    const keeps = ["--dir", folder, "--appendonly", "yes", "--appenddirname", "aof", "--rdbcompression", "no"];
    redis = queue === "redis" ? await openRedis(keeps) : null;
    bot = await startBot(
      { transport, queue },
      {
        catalog: catalog(),
        slack: { journal: join(folder, "journal") },
        traces: { url: collector.url, service: "daytwo", sampler: "always_on", ratio: 1 },
        log: openLog("trace", { write: (line: string) => void logged.push(line) }),
        ...(redis === null ? {} : { redis: redis.url }),
      },
    );
  });
  afterAll(async () => {
    await bot.close();
    await redis?.stop();
    await Promise.all([supervisor.close(), leaky.close(), collector.close()]);
    await rm(folder, { recursive: true, force: true });
    vi.unstubAllEnvs();
  });

  /** What is left of it all, by where it is. */
  async function kept(): Promise<Record<string, Buffer | string>> {
    const pages = ["metrics", "readyz", "healthz"].map(async (page) => {
      const answer = await fetch(`${bot.bot.http.url}/${page}`);
      return [`page ${page}`, await answer.text()] as const;
    });
    return {
      ...(await databaseDump(bot.database)),
      ...(redis === null ? {} : await redisFiles(redis.url, join(folder, "aof"))),
      ...(redis === null ? {} : { "Redis dump.rdb": await readFile(join(folder, "dump.rdb")) }),
      ...Object.fromEntries(await Promise.all(pages)),
      log: logged.join(""),
      traces: collector.raw(),
      "workspace's journal": await readFile(join(folder, "journal")),
      "what was whispered": JSON.stringify(
        await Promise.all(["ana", "gus"].map((who) => bot.slack.as(who).whispers("#ops"))),
      ),
    };
  }

  /** Where something was found. */
  async function found(): Promise<Record<string, string[]>> {
    const all = Object.entries(await kept()).map(([where, bytes]) => [where, NEEDLES.find(bytes)] as const);
    return Object.fromEntries(all.filter(([, needles]) => needles.length > 0));
  }

  test("nothing that is kept has any of them", async () => {
    const ana = bot.slack.as("ana");
    await bot.passes(20_000); // every check has looked

    for (const [turn, from] of [0, 5].entries()) {
      const lines = PLANTED.map(({ secret }, index) => SHAPE[(index + from) % SHAPE.length]?.(secret) ?? "");
      const packed = Array.from({ length: 120 }, (_, at) => lines.slice(at * 8 + turn, at * 8 + turn + 8).join(" "));
      await writeFile(supervisor.path(`f${turn}`), packed.join("\n"));
      await ana.types(`/day2 run shop print file=f${turn}`, { in: "#shop" });
      await ana.waitsFor("#shop", ({ plain }) => plain.includes(`op-${turn + 1} `) && plain.includes("*Failed*"));
    }
    await ana.types("/day2 scale shop/mail web=3", { in: "#shop" });
    await ana.waitsFor("#shop", ({ plain }) => plain.includes("op-3 ") && plain.includes("it cannot be"));

    for (const [index, secret] of TYPED.slice(0, 24).entries()) {
      const verbs = [
        "note #1",
        "status",
        "own",
        "scale shop web=",
        "deny op-1",
        "snooze #1 2h",
        "run shop print file=",
        "",
      ];
      const who = bot.slack.as(index % 3 === 0 ? "gus" : "ana");
      await who.types(`/day2 ${verbs[index % verbs.length]} ${secret}`);
    }
    const wrong = TYPED.slice(40, 60).map(
      (secret) => `  ${JSON.stringify(secret)}: { owner: ${JSON.stringify(secret)}, token: ${JSON.stringify(secret)} }`,
    );
    for (const text of [catalog(wrong.join("\n")), `${catalog()}\n  x: "${TYPED[61]}\n   - [`]) {
      const before = logged.filter((line) => line.includes("the catalog is wrong")).length;
      await bot.writes(text);
      await until(
        "the wrong catalog to be noticed",
        () => logged.filter((line) => line.includes("the catalog is wrong")).length > before,
      );
    }
    await bot.settle();
    expect(await found()).toEqual({});
    expect(logged.filter((line) => !isJson(line))).toEqual([]);
    // They have been everywhere: where one was, it says so.
    const uploads = (await bot.slack.calls("files.completeUploadExternal")).length;
    expect(uploads).toBe(2); // what the tasks printed, which the journal has as well
    const marked = Object.entries(await kept()).filter(([, bytes]) => bytes.includes("[redacted]"));
    expect(marked.map(([where]) => where)).toEqual(expect.arrayContaining(MARKED));
  });

  test("one that is there is found, wherever it is", async () => {
    const [one, two, three, four] = TYPED.slice(-4).map((secret) => Buffer.from(`x${secret}`).toString("base64"));
    await onDatabase(
      bot.database,
      "insert into daytwo.inbox (key, kind, body, received_at) values ('x', 'x', $1, now())",
      [JSON.stringify({ one })],
    );
    logged.push(`{"msg":"${two}"}`);
    if (redis !== null) await ask(Number(new URL(redis.url).port), "set", "x", three ?? "");
    await bot.bot.app.slack.call("chat.postMessage", { channel: "C0OPS", text: four });
    const places = Object.keys(await found());
    expect(places).toEqual(expect.arrayContaining(["table daytwo.inbox", "log", "workspace's journal"]));
    expect(places.filter((each) => each.startsWith("Redis")).length).toBe(redis === null ? 0 : 2);
  });
});
