import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Invalid } from "../../errors.ts";
import { readSecret } from "../../secret.ts";
import { Unanswered, type System } from "../http-json.ts";
import { openReader, type Answer } from "./answer.ts";
import type { Place, Settings } from "./settings.ts";
import { argumentsFor, coded, problemOf } from "./ssh-command.ts";

/**
 * One conversation with the agent on a host, through the machine's own `ssh`. Nothing is sent before the agent has said that
 * it listens: until then there was surely no effect.
 */

export type Asked = {
  readonly verb: "observe" | "examine" | "discover" | "apply" | "status" | "stop";
  readonly token?: string;
  readonly version?: string;
  readonly action?: string;
  readonly release?: string | undefined;
  /** Seconds after which what it runs is stopped. */
  readonly timeout?: string;
  /** A program and its arguments. */
  readonly words?: readonly string[];
  /** Another one, for once that has ended well; to `examine`, further programs. */
  readonly second?: readonly string[] | undefined;
};

/** Of a target; or of all that a host runs, which is no path and no unit. */
export type Where = Place & Partial<Pick<Settings, "path" | "unit">>;

export function hostOf({ host }: Place): System {
  return { name: `the host ${host}` };
}

const LOGIN = 15_000; // ms until the agent says that it listens

/**
 * `hears` gets what is printed over there, as it comes.
 * @throws Unanswered, Invalid when nobody can be asked with these settings
 */
export async function converse(
  where: Where,
  asked: Asked,
  signal: AbortSignal,
  hears: (printed: Buffer) => void = () => undefined,
): Promise<Answer> {
  const request = written(where, asked);
  const key = await readSecret(where.key);
  // ssh takes a key only from a file that nobody else can read. It is there for as long as the login takes.
  const desk = await mkdtemp(join(tmpdir(), "daytwo-ssh-"));
  try {
    await writeFile(join(desk, "key"), `${key.trim()}\n`, { mode: 0o600 });
    await writeFile(join(desk, "known_hosts"), `target ${where.host_key}\n`);
    // Whoever called it off before anybody listened for that would not be heard any more.
    if (signal.aborted) throw new Unanswered(false, signal.reason);
    return await talk(where, { desk, request }, signal, hears);
  } finally {
    await rm(desk, { recursive: true, force: true });
  }
}

/** Each value by itself and encoded, so that whatever it holds is a value. */
function written({ path, unit }: Where, { words = [], second, ...values }: Asked): string {
  const lines = Object.entries({ ...values, path, unit }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${encoded(value)}`],
  );
  const after = second === undefined ? [] : ["then ", ...second.map(asWord)];
  return [...lines, ...words.map(asWord), ...after, "end", ""].join("\n");
}

function asWord(text: string): string {
  return `word ${encoded(text)}`;
}

/** @throws Invalid */
function encoded(value: string): string {
  if (value.includes("\0")) throw new Invalid("No argument of a program can hold a NUL.");
  return Buffer.from(value).toString("base64");
}

type Talk = { readonly desk: string; readonly request: string };

const LONGEST_COMPLAINT = 4_000;

function talk(
  where: Place,
  { desk, request }: Talk,
  signal: AbortSignal,
  hears: (printed: Buffer) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Nothing of ours is inherited: no credentials, no agent, no program that asks for passwords.
    const env = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };
    const child = spawn("ssh", argumentsFor(where), { cwd: desk, env });
    let sent = false;
    let complaint = "";
    function fail(cause: unknown): void {
      end();
      reject(cause instanceof Invalid ? cause : new Unanswered(sent, cause));
    }
    function off(): void {
      fail(signal.reason);
    }
    function end(): void {
      clearTimeout(login);
      signal.removeEventListener("abort", off);
      child.kill();
    }
    const login = setTimeout(() => fail(coded("ETIMEDOUT")), LOGIN);
    signal.addEventListener("abort", off, { once: true });
    const reader = openReader({
      listens() {
        clearTimeout(login);
        if (signal.aborted) return;
        sent = true;
        child.stdin.end(request);
        void rm(join(desk, "key"), { force: true }).catch(() => undefined);
      },
      prints: hears,
      ends(answer) {
        end();
        resolve(answer);
      },
    });
    child.stdin.on("error", () => undefined); // how it ends is told by what it says
    child.stdout.on("data", (chunk: Buffer) => {
      try {
        reader(chunk);
      } catch (error) {
        fail(error);
      }
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (complaint.length < LONGEST_COMPLAINT) complaint += chunk.toString();
    });
    child.on("error", () =>
      fail(new Invalid("There is no `ssh` where Daytwo runs.", { hint: "Install the package openssh-client there." })),
    );
    child.on("close", (code) => {
      fail(sent ? new Error("the connection ended before the answer did") : problemOf(where, { code, complaint }));
    });
  });
}
