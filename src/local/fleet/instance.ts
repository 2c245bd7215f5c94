import { get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { spawnGuarded } from "../guard.ts";
import type { Guarded } from "../guard.ts";
import type { Backend } from "./balancer.ts";

/** One running process of an app. */
export type Instance = Backend & {
  readonly process: string;
  readonly release: string;
  readonly guarded: Guarded<{ port: number }>;
  /** To be replaced at the next occasion. */
  worn: boolean;
  /** Its end is wanted. */
  stopping: boolean;
};

const HEALTHY_WITHIN = 15_000;
const STOPS_WITHIN = 5_000;

/** Starts a process and waits until it is healthy. @throws Error when it does not become so; then it is stopped again. */
export async function startInstance(
  module: URL,
  what: { readonly process: string; readonly release: string },
  given: object,
  log: (line: string) => void,
): Promise<Instance> {
  const guarded = await spawnGuarded<{ port: number }>(
    module,
    { ...given, ...what },
    { log, stopWithin: STOPS_WITHIN },
  );
  const { port } = guarded.ready;
  for (let waited = 0; !(await isHealthy(port)); waited += 50) {
    if (waited >= HEALTHY_WITHIN) {
      await guarded.stop();
      throw new Error(
        `A ${what.process} process of ${what.release} did not become healthy in ${HEALTHY_WITHIN / 1_000} s.`,
      );
    }
    await pause(50);
  }
  return { ...what, guarded, port, healthy: true, worn: false, stopping: false };
}

export function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host: "127.0.0.1", port, path: "/healthz", agent: false, timeout: 3_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(false));
  });
}
