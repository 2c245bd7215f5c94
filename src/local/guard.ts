import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { signalGroup } from "./processes.ts";

/**
 * Both ends of a guarded process: an outside server that never outlives whoever started it. The parent writes one JSON
 * line of options to the child's stdin, the child answers with one JSON line on stdout, and the open pipe is the leash:
 * when it ends, by `stop()` or because the parent was killed, the child stops everything it started and exits.
 */

export type Guarded<Ready> = {
  readonly pid: number;
  readonly ready: Ready;
  /** Resolves when the process is gone, for whatever reason. */
  readonly gone: Promise<void>;
  /** Ends the leash and waits; a process that does not stop in time is killed with its group. */
  stop(this: void): Promise<void>;
};

export type GuardOptions = {
  /** Receives what the child writes to stderr, line by line. */
  readonly log?: (line: string) => void;
  /** ms until a child that has not said `ready` is given up. */
  readonly startWithin?: number;
  /** ms until a child that does not stop is killed. */
  readonly stopWithin?: number;
};

/** Starts `module` (a file that calls `runGuarded`) under this Node. @throws Error with the child's own sentence when it cannot start. */
export async function spawnGuarded<Ready = Record<string, unknown>>(
  module: URL | string,
  options: object,
  { log = () => {}, startWithin = 60_000, stopWithin = 20_000 }: GuardOptions = {},
): Promise<Guarded<Ready>> {
  const file = module instanceof URL ? fileURLToPath(module) : module;
  // Detached: Ctrl-C in a terminal reaches only the parent, which then stops its children in order.
  const child = spawn(process.execPath, [file], { detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const lastWords: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastWords.push(line);
    lastWords.splice(0, lastWords.length - 12);
    log(line);
  });
  child.stdin.on("error", () => {}); // A child that died early must not take us with it; `gone` tells.
  child.stdin.write(`${JSON.stringify(options)}\n`);
  async function stop(): Promise<void> {
    child.stdin.end();
    await within(stopWithin, gone, () => signalGroup(child.pid, "SIGKILL"));
    await gone;
  }
  try {
    const ready = await within(startWithin, firstLine(child), () => {
      throw new Error(`${file} did not start within ${startWithin / 1000} s.`);
    });
    child.stdout.resume(); // Nobody reads further lines; a full pipe would stop the child.
    return { pid: child.pid ?? 0, ready: readyOrThrow(ready ?? "", file, lastWords) as Ready, gone, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a guarded server gives back once it can serve. */
export type Served = { readonly ready: object; close(): Promise<void> };

/** The child's side: reads the options, opens the server, says `ready`, and closes when the leash ends or on SIGTERM and SIGINT. */
export function runGuarded<Options>(open: (options: Options) => Promise<Served>): void {
  const lines = createInterface({ input: process.stdin });
  const leash = Promise.race([once(lines, "close"), once(process, "SIGTERM"), once(process, "SIGINT")]);
  // A signal that comes again must not end the process while it is closing.
  process.on("SIGTERM", () => {}).on("SIGINT", () => {});
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  lines.once("line", (line) => {
    serve(line).then(
      () => process.exit(0),
      (error: unknown) => {
        const problem = error instanceof Error ? error.message : String(error);
        process.stdout.write(`${JSON.stringify({ ready: false, problem })}\n`, () => process.exit(1));
      },
    );
  });
  async function serve(line: string): Promise<void> {
    const served = await open(JSON.parse(line) as Options);
    process.stdout.write(`${JSON.stringify({ ready: true, ...served.ready })}\n`);
    await leash;
    await served.close();
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) return "";
  for await (const line of createInterface({ input: child.stdout })) return line;
  return "";
}

function readyOrThrow(line: string, file: string, lastWords: readonly string[]): unknown {
  if (line === "") throw new Error([`${file} ended before it was ready.`, ...lastWords].join("\n"));
  const answer = JSON.parse(line) as { ready: boolean; problem?: string };
  if (!answer.ready) throw new Error(answer.problem ?? `${file} could not start.`);
  return answer;
}

async function within<T>(ms: number, work: Promise<T>, late: () => void): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), ms);
  });
  const first = await Promise.race([work, deadline]);
  clearTimeout(timer);
  if (first !== "late") return first;
  late();
  return undefined;
}
