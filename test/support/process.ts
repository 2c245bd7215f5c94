import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

/** The bot as people start it: a process of its own, which can be asked to end, or killed. */
export type BotProcess = {
  /** The URL of its HTTP port, once it says that it is ready. */
  ready(): Promise<string>;
  /** What it has written for people so far, and its log. */
  written(): string;
  kill(signal: NodeJS.Signals): void;
  /** How it ended: its exit code, or null when a signal ended it. */
  ended(): Promise<number | null>;
};

const ROOT = join(import.meta.dirname, "../..");

/** Starts `daytwo start` with exactly these settings; a `.env` of this checkout is not read. */
export function startProcess(settings: Readonly<Record<string, string>>, launch = "src/launch.mjs"): BotProcess {
  const child = spawn(process.execPath, [join(ROOT, launch), "start"], {
    cwd: tmpdir(),
    env: { PATH: process.env["PATH"], PORT: "0", LOG_LEVEL: "info", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit") as Promise<[number | null]>;
  let written = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (written += chunk.toString()));
  return {
    async ready() {
      await until(
        () => `the bot to be ready; it wrote:\n${written}`,
        () => {
          if (child.exitCode !== null) throw new Error(`the bot ended before it was ready:\n${written}`);
          return /^ready in /m.test(written);
        },
      );
      return /^ready in .* bot (http:\S+)/m.exec(written)?.[1] ?? "";
    },
    written: () => written,
    kill: (signal) => void child.kill(signal),
    async ended() {
      const [code] = await exit;
      return code;
    },
  };
}
