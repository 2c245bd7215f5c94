import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openApi, type Api } from "../../src/local/fleet/api.ts";
import type { AppDefinition } from "../../src/local/fleet/apps.ts";
import { openBalancer } from "../../src/local/fleet/balancer.ts";
import { concludeInterrupted } from "../../src/local/fleet/operations.ts";
import { openApp, type RunningApp } from "../../src/local/fleet/running-app.ts";
import { openStore } from "../../src/local/fleet/state.ts";
import { until } from "./until.ts";

/** The fleet's own supervisor for one app that has no processes, only a folder with the programs of its tasks. */
export type TaskSupervisor = {
  readonly url: string;
  /** The lines of a catalog for a target of the app. */
  readonly target: string;
  /** A path in the app's folder. */
  path(name: string): string;
  /** Makes a program of the app: `node <name>.mjs`. */
  program(name: string, text: string): Promise<void>;
  call(method: string, path: string, body?: object): Promise<{ status: number; body: Json }>;
  /** Operations that took effect, which nobody else reads. */
  effects(): Promise<Json[]>;
  /** The operation with this token, once it has ended. */
  ended(token: string): Promise<Json>;
  /** Ends it and opens it anew on what it kept. */
  restarts(): Promise<void>;
  close(): Promise<void>;
};

// oxlint-disable-next-line typescript/no-explicit-any -- answers are compared against literals
type Json = any;

const TOKEN = "task-supervisor";

/** In a folder of its own, or in one that another such supervisor left. */
export async function openTaskSupervisor(left?: string, token = TOKEN): Promise<TaskSupervisor> {
  const folder = left ?? (await mkdtemp(join(tmpdir(), "daytwo-tasks-")));
  await writeFile(join(folder, "token"), token);
  const definition: AppDefinition = {
    name: "shop",
    module: new URL("file:///nothing"),
    folder: pathToFileURL(`${folder}/`),
    processes: {},
    actions: ["run"],
    past: [{ release: "v1", by: "Dana", summary: "", hoursAgo: 1, healthyHours: 1 }],
    upcoming: [],
  };
  async function open(port: number): Promise<{ api: Api; app: RunningApp }> {
    const app = await openApp({
      definition,
      store: openStore(folder),
      balancer: await openBalancer(0),
      parts: {},
      log: () => {},
    });
    concludeInterrupted(app);
    const nothing = { refused: { error: "invalid", message: "There is no demo here." } } as const;
    const options = { port, token, apps: { shop: app }, badRelease: () => nothing, reset: () => undefined };
    return { api: await openApi(options), app };
  }
  let { api, app } = await open(0);
  const { port } = api;
  const url = `http://127.0.0.1:${port}`;
  async function stop(): Promise<void> {
    await app.close();
    await api.close();
    app.store.save();
  }
  async function call(method: string, path: string, body?: object): Promise<{ status: number; body: Json }> {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, connection: "close" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  }
  return {
    url,
    target: `{ provider: local, supervisor: "${url}", application: shop, token: { file: "${join(folder, "token")}" } }`,
    path: (name) => join(folder, name),
    program: (name, text) => writeFile(join(folder, `${name}.mjs`), text),
    call,
    async effects() {
      const text = await readFile(join(folder, "effects.jsonl"), "utf8").catch(() => "");
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Json);
    },
    async restarts() {
      await stop();
      ({ api, app } = await open(port));
    },
    async ended(token) {
      let operation: Json = null;
      await until("the task to end", async () => {
        operation = (await call("GET", `/apps/shop/operations/${token}`)).body;
        return operation.state !== "running";
      });
      return operation;
    },
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
