import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryOf } from "../bench/processes.ts";
import { tokenOf } from "./far-side.ts";
import { pointOf } from "./itinerary.ts";
import type { Proxy } from "./proxy.ts";

/** A place for one process of the bot: whenever the one in it ends, the next is started, until the run is over. */
export type Slot = {
  readonly name: string;
  readonly role: "web" | "worker";
  readonly proxy: Proxy;
  /** Of the process that is in it now; the far side knows it by this name. */
  process(): { readonly id: string; readonly ready: boolean; readonly armed: string | null; readonly since: number };
  /** The process that is started next ends or stops itself there: `C8:2` or `C8:1/stop`. */
  arm(point: string): void;
  /** kill -9; its id. */
  kill(): string;
  stop(): void;
  cont(): void;
  /** Whether it stands still: a failpoint or somebody stopped it. */
  stopped(): Promise<boolean>;
  untilReady(): Promise<void>;
  /** Whether one of its processes wrote a secret. */
  leaks(): boolean;
  /** The most memory that one of its processes was seen to hold, in bytes. */
  memory(): number;
  /** What the most talkative of its processes wrote, and its last words. */
  talk(): Talk;
  /** How long its processes took until they were ready, in ms. */
  starts(): readonly number[];
  /** Ends it in order, for good. */
  end(): Promise<void>;
};

export type Talk = { readonly id: string; readonly bytes: number; readonly lastWords: string };

/** How a process ended that nobody ended from outside. */
export type Ending = {
  readonly slot: string;
  readonly id: string;
  readonly point: string | null;
  readonly code: number | null;
  readonly at: number;
  readonly wasReady: boolean;
  readonly lastWords: string;
};

export type SlotOptions = {
  readonly name: string;
  readonly role: "web" | "worker";
  readonly proxy: Proxy;
  /** Root of the tree whose bot it runs. */
  readonly tree: string;
  readonly env: Readonly<Record<string, string>>;
  /** What its processes know and must not write. */
  readonly secrets: readonly string[];
  ended(this: void, ending: Ending): void;
  /** Where the process that is started now is to end by itself, when nobody armed it: `C8:2`. */
  plans(this: void): string | null;
  /** Somebody else ended a process before it came to its point. */
  missed(this: void, armed: string): void;
};

type Running = {
  readonly id: string;
  readonly child: ChildProcess;
  readonly since: number;
  ready: boolean;
  killed: boolean;
  readonly armed: string | null;
};

export function openSlot(options: SlotOptions): Slot {
  let generation = 0;
  let next: string | null = null;
  let leaks = false;
  let memory = 0;
  let talk: Talk = { id: "", bytes: 0, lastWords: "" };
  let closing = false;
  const starts: number[] = [];
  let current = launch();

  function launch(): Running {
    generation += 1;
    const id = `${options.name}.${generation}`;
    const armed = next ?? options.plans();
    next = null;
    const child = spawn(process.execPath, [join(options.tree, "src/launch.mjs"), "start"], {
      cwd: tmpdir(),
      env: {
        PATH: process.env["PATH"],
        NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
        PORT: "0",
        LOG_LEVEL: "warn",
        DAYTWO_ROLES: options.role,
        CHAOS_TOKEN: tokenOf(id),
        ...options.env,
        ...(armed === null ? {} : { DAYTWO_FAIL_AT: armedFor(armed) }),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const running: Running = { id, child, since: Date.now(), ready: false, killed: false, armed };
    let words = "";
    let bytes = 0;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        words += chunk.toString();
        leaks ||= options.secrets.some((secret) => words.includes(secret));
        words = words.slice(-8_000);
        bytes += chunk.length;
        if (bytes > talk.bytes) talk = { id, bytes, lastWords: words };
        if (running.ready || !/^ready in /m.test(words)) return;
        running.ready = true;
        starts.push(Date.now() - running.since);
      });
    child.once("exit", (code, signal) => {
      options.proxy.endSessions();
      if (!running.killed && !closing) {
        const point = signal === "SIGKILL" && armed !== null ? pointOf(armed) : null;
        options.ended({
          slot: options.name,
          id,
          point,
          code,
          at: Date.now(),
          wasReady: running.ready,
          lastWords: words,
        });
      }
      if (!running.ready) next ??= armed;
      // What ends before it can serve, as without a database, is tried again a moment later.
      if (!closing) setTimeout(() => (current = closing ? current : launch()), running.ready ? 0 : 300);
    });
    return running;
  }

  function look(): void {
    try {
      memory = Math.max(memory, memoryOf(current.child.pid ?? 0).most);
    } catch {
      // it is gone
    }
  }

  return {
    name: options.name,
    role: options.role,
    proxy: options.proxy,
    process: () => ({ id: current.id, ready: serves(current), armed: current.armed, since: current.since }),
    arm: (point) => void (next = point),
    kill() {
      look();
      if (current.armed !== null && !current.killed) options.missed(current.armed);
      current.killed = true;
      current.child.kill("SIGKILL");
      return current.id;
    },
    stop: () => void current.child.kill("SIGSTOP"),
    cont: () => void current.child.kill("SIGCONT"),
    stopped: () => isStopped(current.child.pid ?? 0),
    async untilReady() {
      while (!serves(current)) {
        if (closing) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    leaks: () => leaks,
    memory: () => (look(), memory),
    talk: () => talk,
    starts: () => starts,
    async end() {
      closing = true;
      look();
      const { child } = current;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      const impatient = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await gone;
      clearTimeout(impatient);
    },
  };
}

function serves({ ready, killed, child }: Running): boolean {
  return ready && !killed && child.exitCode === null && child.signalCode === null;
}

/** A failpoint is armed by whoever starts the process, by its own number. */
function armedFor(point: string): string {
  const [where, how] = point.split("/");
  return `${where}@${process.pid}${how === undefined ? "" : `/${how}`}`;
}

async function isStopped(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return /^State:\s+T/m.test(status);
}
