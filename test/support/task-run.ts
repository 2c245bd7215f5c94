import { randomUUID } from "node:crypto";
import { local } from "../../src/providers/local/index.ts";
import type { Outcome } from "../../src/providers/provider.ts";
import type { TaskSupervisor } from "./task-supervisor.ts";

/** Runs a command as a task of the app, through the provider; how it ended, and what was told on the way. */
export async function runTask(
  supervisor: TaskSupervisor,
  argv: readonly string[],
  { timeout = 30_000, signal = new AbortController().signal, token = randomUUID() as string } = {},
): Promise<{ outcome: Outcome; told: string[] }> {
  const settings = { supervisor: supervisor.url, application: "shop", token: { file: supervisor.path("token") } };
  const target = { key: "shop/web", service: "shop", name: "web", provider: "local", settings };
  const command = { argv, timeout, risk: "low" as const };
  const seen = await local.observe(target, new AbortController().signal);
  const plan = local.plan({ action: "run", arguments: { task: "t", values: {}, command }, target }, seen);
  const told: string[] = [];
  const outcome = await local.apply(target, plan, { token, signal, report: (line) => void told.push(line) });
  return { outcome, told };
}
