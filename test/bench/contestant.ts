import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { memoryOf } from "./processes.ts";

/** A process that takes part in one round: started fresh, killed at its end. */
export type Contestant = {
  readonly pid: number;
  /** ms from its start until it said that it is ready. */
  readonly started: number;
  /** The port that it said. */
  readonly port: number;
  memory(): { now: number; most: number };
  kill(): Promise<void>;
};

const LAUNCH = fileURLToPath(new URL("../../src/launch.mjs", import.meta.url));
const SECRET = "bench-signing-secret";

/** Daytwo as it is shipped, in HTTP mode against a workspace. */
export function startDaytwo(settings: Readonly<Record<string, string>>, workspaceApi: string): Promise<Contestant> {
  return start([LAUNCH, "start"], /^ready in .* bot http:\/\/[\d.]+:(\d+)/m, {
    SLACK_BOT_TOKEN: "xoxb-bench",
    SLACK_SIGNING_SECRET: SECRET,
    SLACK_API_URL: workspaceApi,
    PORT: "0",
    LOG_LEVEL: "error",
    ...settings,
  });
}

/** A module of `contestants/`. */
export function startPeer(module: string, settings: Readonly<Record<string, string>> = {}): Promise<Contestant> {
  return start([fileURLToPath(new URL(`contestants/${module}`, import.meta.url))], /^ready on (\d+)/m, settings);
}

async function start(
  args: readonly string[],
  ready: RegExp,
  settings: Readonly<Record<string, string>>,
): Promise<Contestant> {
  const began = performance.now();
  const child = spawn(process.execPath, [...args], {
    cwd: tmpdir(),
    env: { PATH: process.env["PATH"], ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = once(child, "exit");
  let said = "";
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        const found = ready.exec(said);
        if (found !== null) resolve(Number(found[1]));
      });
    }
    void gone.then(() => reject(new Error(`it ended before it was ready:\n${said}`)));
  });
  const started = performance.now() - began;
  return {
    pid: child.pid ?? 0,
    started,
    port,
    memory: () => memoryOf(child.pid ?? 0),
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

export { SECRET };
