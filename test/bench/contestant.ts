import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import type { Readable, Writable } from "node:stream";
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
  /** Says a line to a module of `contestants/`, and what it answers once it has done that: a line `done <figures as JSON>`. */
  ask<Answer>(line: string): Promise<Answer>;
  kill(): Promise<void>;
  /** Lets it end as it likes to, having written what it keeps for its next start. */
  end(): Promise<void>;
};

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const SECRET = "bench-signing-secret";

/** `exec node <what it tells V8> src/launch.mjs start` */
const { scripts } = createRequire(import.meta.url)("../../package.json") as { scripts: { start: string } };
const TOLD = scripts.start.split(" ").filter((word) => word.startsWith("--"));

/** Daytwo as it is shipped, in HTTP mode against a workspace. */
export function startDaytwo(
  settings: Readonly<Record<string, string>>,
  workspaceApi: string,
  launch: "src/launch.mjs" | "dist/launch.mjs" = "src/launch.mjs",
): Promise<Contestant> {
  return start([...TOLD, `${ROOT}${launch}`, "start"], /^ready in .* bot http:\/\/[\d.]+:(\d+)/m, {
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
    stdio: ["pipe", "pipe", "pipe"],
  });
  const gone = once(child, "exit");
  const [, port] = await hear(child, gone, ready);
  const started = performance.now() - began;
  const pid = child.pid ?? 0;
  return {
    pid,
    started,
    port: Number(port),
    memory: () => memoryOf(pid),
    async ask<Answer>(line: string) {
      const answer = hear(child, gone, /^done (.+)$/m);
      child.stdin.write(`${line}\n`);
      return JSON.parse((await answer)[1] ?? "") as Answer;
    },
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
    async end() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** @throws Error with what it said instead when it ends first */
async function hear(child: Child, gone: Promise<unknown>, pattern: RegExp): Promise<RegExpExecArray> {
  let said = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        const found = said.endsWith("\n") ? pattern.exec(said) : null;
        if (found !== null) resolve(found);
      });
    }
    void gone.then(() => reject(new Error(`it ended too early:\n${said}`)));
  });
}
