import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Provider } from "../src/providers/provider.ts";
import { tracedProvider } from "../src/providers/traced-provider.ts";
import { carried, currentIds, traced } from "../src/telemetry/trace.ts";
import { openTracing } from "../src/telemetry/tracing.ts";
import { openLog } from "../src/log.ts";
import type { Target } from "../src/domain/catalog.ts";
import type { Plan } from "../src/domain/action.ts";
import { openCollector, type Collector } from "./support/collector.ts";
import { cloneDatabase } from "./support/database.ts";
import { openSlack } from "./support/slack.ts";

/** Where traces cost something and where not; and how spans hang together. */

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

const QUIET = openLog("silent");

let collector: Collector;
beforeAll(async () => {
  collector = await openCollector();
});
afterAll(() => collector.close());

/** Does something while spans are made, and resolves to those when all are sent. */
async function spansOf(work: () => Promise<unknown>, sampler: "always_on" | "parentbased_always_off" = "always_on") {
  const before = collector.spans.length;
  const stop = openTracing({ url: collector.url, service: "daytwo", sampler, ratio: 1 }, QUIET);
  await work();
  await stop();
  return collector.spans.slice(before);
}

/** A process of its own: what it says on both its channels. */
async function node(script: string): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, ["--input-type=module-typescript", "--eval", script], { cwd: ROOT });
}

/** Opens a bot, serves one request and closes it; which packages of OpenTelemetry were read in by then. */
async function loadedBy(traces: string): Promise<string[]> {
  const [database, slack] = await Promise.all([cloneDatabase(), openSlack()]);
  try {
    const { stdout } = await node(`
      import { registerHooks } from "node:module";
      const loaded = new Set();
      registerHooks({ load(url, context, next) { loaded.add(url); return next(url, context); } });
      const { openBot } = await import("./src/main.ts");
      const bot = await openBot({
        opening: {
          databaseUrl: ${JSON.stringify(database.url)}, redisUrl: null, demo: null, actions: "local", heartbeat: null,
          slack: { botToken: ${JSON.stringify(slack.botToken)}, apiUrl: ${JSON.stringify(slack.apiUrl)} },
          logLevel: "silent", ${traces}
        },
        slack: { mode: "socket", appToken: ${JSON.stringify(slack.appToken)} },
        catalog: null, roles: { web: true, worker: true }, port: { number: 0, asked: true }, host: "127.0.0.1",
      });
      await fetch(bot.http.url + "/readyz");
      await bot.close();
      console.log(JSON.stringify([...loaded].flatMap((url) => url.match(/@opentelemetry\\/[^/]+/)?.[0] ?? [])));
    `);
    return [...new Set(JSON.parse(stdout) as string[])].toSorted();
  } finally {
    await Promise.all([slack.close(), database.drop()]);
  }
}

test("without an endpoint nothing of OpenTelemetry is read in", async () => {
  expect(await loadedBy("")).toEqual([]);
  const traces = { url: collector.url, service: "daytwo", sampler: "always_on", ratio: 1 };
  expect(await loadedBy(`traces: ${JSON.stringify(traces)}`)).toEqual(
    expect.arrayContaining(["@opentelemetry/api", "@opentelemetry/sdk-trace"]),
  );
});

test("without an endpoint work is done as ever, and nothing is kept with what it asks for", async () => {
  expect(await traced("work", {}, () => Promise.resolve([carried(), currentIds()]))).toEqual([null, {}]);
});

test("a process ends by itself, although its collector hangs and more is left than one batch holds", async () => {
  collector.does("hang");
  const { stdout } = await node(`
    import { traced } from "./src/telemetry/trace.ts";
    import { openTracing } from "./src/telemetry/tracing.ts";
    import { openLog } from "./src/log.ts";
    const config = { url: ${JSON.stringify(collector.url)}, service: "daytwo", sampler: "always_on", ratio: 1 };
    const stop = openTracing(config, openLog("silent"));
    for (let each = 0; each < 5000; each += 1) await traced("work", {}, async () => undefined);
    const began = performance.now();
    await stop();
    process.on("exit", () => console.log("ended after", performance.now() - began > 0));
  `);
  collector.does("take");
  expect(stdout).toContain("ended after true");
});

test("a line of the log says which trace it belongs to, and a line outside of one says nothing", async () => {
  const { stderr } = await node(`
    import { traced } from "./src/telemetry/trace.ts";
    import { openTracing } from "./src/telemetry/tracing.ts";
    import { openLog } from "./src/log.ts";
    const log = openLog("info");
    const config = { url: ${JSON.stringify(collector.url)}, service: "daytwo", sampler: "always_on", ratio: 1 };
    const stop = openTracing(config, log);
    await traced("logs", {}, async () => log.info("within"));
    log.info("outside");
    await stop();
  `);
  const span = collector.spans.find(({ name }) => name === "logs");
  const [within, outside] = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(within).toMatchObject({ msg: "within", trace_id: span?.trace, span_id: span?.id });
  expect(Object.keys(outside ?? {})).toEqual(["level", "time", "msg"]);
});

test("what was kept with a row continues its trace; what is not sampled is not sampled further on", async () => {
  const parent = `00-${"a".repeat(32)}-${"b".repeat(16)}`;
  const sampled = await spansOf(
    () => traced("later", {}, () => Promise.resolve(), { parent: `${parent}-01` }),
    "parentbased_always_off",
  );
  expect(sampled.map((span) => [span.name, span.trace, span.parent])).toEqual([
    ["later", "a".repeat(32), "b".repeat(16)],
  ]);
  const dropped = await spansOf(async () => {
    await traced("later", {}, () => Promise.resolve(), { parent: `${parent}-00` });
    await traced("by itself", {}, () => Promise.resolve());
  }, "parentbased_always_off");
  expect(dropped).toEqual([]);
  const [fresh] = await spansOf(() => traced("later", {}, () => Promise.resolve(), { parent: "nonsense" }));
  expect(fresh?.parent).toBe("");
});

test("what a provider was asked says how it ended", async () => {
  const target = { key: "shop/web", service: "shop" } as Target;
  const provider = tracedProvider({
    name: "elsewhere",
    apply: () => Promise.resolve({ kind: "unknown", reason: "a reason from outside" }),
    verify: () => Promise.reject(new Error("words from outside")),
  } as unknown as Provider);
  const spans = await spansOf(async () => {
    const use = { token: "secret-token", signal: AbortSignal.abort(), report: () => undefined };
    await provider.apply(target, {} as Plan, use);
    await provider.verify(target, {} as Plan, use).catch(() => undefined);
  });
  const facts = { "daytwo.provider": "elsewhere", "daytwo.target": "shop/web", "daytwo.service": "shop" };
  expect(spans.map((span) => [span.name, span.facts, span.failed])).toEqual([
    ["elsewhere apply", { ...facts, "daytwo.outcome": "unknown" }, false],
    ["elsewhere verify", { ...facts, "error.type": "Error" }, true],
  ]);
  expect(collector.raw().toString("latin1")).not.toMatch(/from outside|secret-token/);
});
