import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { readConfig } from "../config.ts";
import { Invalid } from "../errors.ts";

/** `daytwo demo reset`: everything that the demo kept is forgotten, so that the next start is a first one. */
export async function demoCommand(args: readonly string[]): Promise<number> {
  if (args[0] !== "reset") throw new Invalid("`daytwo demo` takes `reset`.");
  const home = resolve(readConfig(process.env).home);
  if (isRunning(home)) throw new Invalid("Daytwo runs here.", { hint: "Stop it first; while it runs, `/day2 demo reset` starts the fleet over." });
  for (const part of ["fleet", "postgres", "workspace.jsonl", "daytwo.yaml", "running.json"]) rmSync(join(home, part), { recursive: true, force: true });
  process.stdout.write("The demo starts over with the next `npm start`.\n");
  return Promise.resolve(0);
}

function isRunning(home: string): boolean {
  try {
    const { pid } = JSON.parse(readFileSync(join(home, "running.json"), "utf8")) as { pid: number };
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
