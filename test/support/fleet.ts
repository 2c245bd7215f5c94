import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { spawnGuarded } from "../../src/local/guard.ts";
import type { Guarded } from "../../src/local/guard.ts";
import type { FleetReady } from "../../src/local/fleet/main.ts";
import { putCluster } from "./cluster.ts";
import { makeHome } from "./home.ts";

/** The demo fleet in a folder of its own, for tests that need something real to act on. */
export type TestFleet = {
  readonly home: string;
  readonly ready: FleetReady;
  readonly guarded: Guarded<FleetReady>;
  /** Calls the supervisor's API with its token. */
  call(method: string, path: string, body?: object): Promise<{ status: number; body: Json }>;
  /** `GET /apps/shop` */
  shop(): Promise<Json>;
  /** Asks for an operation on shop and waits until it has ended. */
  does(action: string, given?: object): Promise<Json>;
  /** What really took effect, in order. */
  effects(): Promise<Json[]>;
  /** Stops it; with `keep` its folder stays. */
  stop(options?: { keep?: boolean }): Promise<void>;
};

// oxlint-disable-next-line typescript/no-explicit-any -- answers are compared against literals
export type Json = any;

export async function openTestFleet(home?: string): Promise<TestFleet> {
  const folder = home ?? (await makeHome("fleet"));
  if (home === undefined) await putCluster(join(folder, "fleet/database"));
  const guarded = await spawnGuarded<FleetReady>(
    new URL("../../src/local/fleet/main.ts", import.meta.url),
    { home: folder },
    { log: (line) => process.stderr.write(`fleet: ${line}\n`) },
  );
  const { url, token } = guarded.ready;

  async function call(method: string, path: string, body?: object): Promise<{ status: number; body: Json }> {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  }
  async function ended(operation: string): Promise<Json> {
    const deadline = performance.now() + 45_000;
    for (;;) {
      const { body } = await call("GET", `/apps/shop/operations/${operation}`);
      if (body.state !== "running" || performance.now() > deadline) return body;
      await pause(20);
    }
  }
  return {
    home: folder,
    ready: guarded.ready,
    guarded,
    call,
    shop: async () => (await call("GET", "/apps/shop")).body,
    async does(action, given = {}) {
      const { body } = await call("POST", "/apps/shop/operations", {
        token: crypto.randomUUID(),
        action,
        arguments: given,
      });
      return ended(body.token);
    },
    async effects() {
      const text = await readFile(join(folder, "fleet/effects.jsonl"), "utf8").catch(() => "");
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Json);
    },
    async stop({ keep = false } = {}) {
      await guarded.stop();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}
