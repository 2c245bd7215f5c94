import { spawn } from "node:child_process";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { identityOf, signalGroup, stillRuns, type Identity } from "../processes.ts";

/**
 * A task of an app: a program that is started with literal arguments, without a shell, in the app's own folder and with an
 * environment that holds nothing of ours. It leads a group of its own, so that whatever it starts ends with it.
 */

export type Task = {
  readonly argv: readonly string[];
  /** ms after which it is stopped. */
  readonly timeout: number;
};

export type RunningTask = {
  /** Which process it is, also for whoever comes after us; undefined when it could not be started. */
  readonly process: Identity | undefined;
  /** Null when it ended well, else how it ended as half a sentence. */
  readonly ended: Promise<string | null>;
  /** Ends it, first kindly. */
  stop(why: string): void;
};

const KINDLY = 3_000; // ms between asking it to end and ending it
const PIPES = 500; // ms that whoever has its pipes may still write once it has ended
const LONGEST = 500; // characters that are kept of a line

export function startTask(task: Task, place: Place, report: (line: string) => void): RunningTask {
  try {
    return watched(started(task.argv, place), task.timeout, report);
  } catch (error) {
    return { process: undefined, ended: Promise.resolve(notStarted(error)), stop() {} };
  }
}

type Place = { readonly folder: URL; readonly environment: Readonly<Record<string, string>> };
type Child = ReturnType<typeof started>;

function started([program = "", ...args]: readonly string[], { folder, environment }: Place) {
  const cwd = fileURLToPath(folder);
  const PATH = [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
  const env = { PATH, HOME: cwd, LANG: "C.UTF-8", ...environment };
  return spawn(program, args, { cwd, env, shell: false, detached: true, stdio: ["ignore", "pipe", "pipe"] });
}

function watched(child: Child, timeout: number, report: (line: string) => void): RunningTask {
  let stopped: string | null = null;
  let killer: NodeJS.Timeout | undefined;
  function stop(why: string): void {
    if (stopped !== null) return;
    stopped = why;
    signalGroup(child.pid, "SIGTERM");
    killer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), KINDLY);
  }
  const limit = setTimeout(() => stop(`it was stopped, since it had not ended after ${timeout / 1_000} s`), timeout);
  let last = "";
  function hear(line: string): void {
    if (line.trim() !== "") last = line;
    report(line);
  }
  const heard = [child.stdout, child.stderr].map((stream) => readLines(stream, hear));
  async function toTheEnd(): Promise<string | null> {
    const how = await endOf(child);
    clearTimeout(limit);
    clearTimeout(killer);
    await Promise.race([Promise.all(heard), pause(PIPES, undefined, { ref: false })]);
    // What it left behind of its group would go on without anybody who knows of it.
    signalGroup(child.pid, "SIGKILL");
    child.stdout.destroy();
    child.stderr.destroy();
    const said = stopped ?? how;
    return said === null || last === "" ? said : `${said}: ${last}`;
  }
  const { pid } = child;
  return { process: pid === undefined ? undefined : identityOf(pid), ended: toTheEnd(), stop };
}

/** Ends what a supervisor left running that did not come to end it itself. */
export function endLeftover(left: Identity): void {
  if (left.born !== undefined && stillRuns(left)) signalGroup(left.pid, "SIGKILL");
}

function notStarted(error: unknown): string {
  return `it could not be started: ${error instanceof Error ? error.message : String(error)}`;
}

function endOf(child: Child): Promise<string | null> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(notStarted(error)));
    child.once("exit", (status, by) => {
      if (status === 0) resolve(null);
      else resolve(status === null ? `it was ended by ${by}` : `it ended with status ${status}`);
    });
  });
}

/** Passes on each line, cut where it is too long to be one; resolves at the end. */
async function readLines(stream: Readable, hear: (line: string) => void): Promise<void> {
  let line = "";
  function end(): void {
    hear(line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line);
    line = "";
  }
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const [first = "", ...others] = text.split(/\r\n|\n|\r/);
    line = (line + first).slice(0, LONGEST + 1);
    for (const other of others) {
      end();
      line = other.slice(0, LONGEST + 1);
    }
  });
  await new Promise((resolve) => stream.once("close", resolve).once("error", resolve));
  if (line !== "") end();
}
