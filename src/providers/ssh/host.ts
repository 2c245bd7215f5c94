import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { readSecret } from "../../secret.ts";
import { Unanswered, type System } from "../http-json.ts";
import { openReader, type Answer } from "./answer.ts";
import { certificate, program } from "./certificate.ts";

/**
 * One conversation with the agent on a host, through the machine's own `ssh`. Nothing is sent before the agent has said that
 * it listens: until then there was surely no effect.
 */

const HOST = /^[A-Za-z0-9_]([A-Za-z0-9._:-]{0,252}[A-Za-z0-9])?$/;
const USER = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
const KEY_TYPES: Readonly<Record<string, string>> = {
  "ssh-ed25519": "ssh-ed25519",
  "ecdsa-sha2-nistp256": "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384": "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521": "ecdsa-sha2-nistp521",
  "ssh-rsa": "rsa-sha2-512,rsa-sha2-256",
};
const HOST_KEY = new RegExp(`^(${Object.keys(KEY_TYPES).join("|")}) [A-Za-z0-9+/]{40,}={0,2}( [^\\n]*)?$`);

/** Of a target's settings those that say which host, and who we are there. */
export const place = z.strictObject({
  host: z.string().regex(HOST, "Write a name or an address, like shop1.example.com.").describe("The host."),
  port: z.int().min(1).max(65_535).optional().describe("The port of its sshd; 22 where this is left out."),
  user: z.string().regex(USER, "Write the account's name, like daytwo.").describe("The account there."),
  key: z
    .union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
      error: "Write it as { env: NAME } or { file: path }.",
    })
    .describe("Where the private key is; it has no passphrase."),
  host_key: z
    .string()
    .regex(
      HOST_KEY,
      "Write the host's public key as its /etc/ssh/ssh_host_ed25519_key.pub has it; a fingerprint is not enough.",
    )
    .describe("The host's public key, like ssh-ed25519 AAAA…; no other is accepted."),
});
export type Place = z.infer<typeof place>;

export const settings = place
  .extend({
    path: z
      .string()
      .regex(/^\/[^\0\n]*[^\0\n/]$/, "Write it from the root on, without / at its end, like /srv/shop.")
      .optional()
      .describe("The directory with releases/ and the link current; a unit alone needs none."),
    unit: z
      .string()
      .regex(/^[A-Za-z0-9_@:][A-Za-z0-9_.@:-]*$/, "Write the unit's name, like shop.service.")
      .optional()
      .describe("The systemd unit that runs it; this, or `restart`."),
    restart: program
      .optional()
      .describe("The program, by its full path, and its arguments, that restart it where there is no unit."),
    certificate: certificate.optional(),
  })
  .refine(({ unit, restart }) => unit === undefined || restart === undefined, {
    error: "Name one of `unit` and `restart`.",
  })
  .refine(({ path, unit }) => path !== undefined || unit !== undefined, {
    error: "Name the `path` of its releases, or its `unit`.",
  })
  .meta({
    oneOf: [
      { required: ["unit"], not: { required: ["restart"] } },
      { required: ["path"], not: { required: ["unit"] } },
    ],
  });
export type Settings = z.infer<typeof settings>;

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

const OPTIONS: Readonly<Record<string, string>> = {
  BatchMode: "yes",
  StrictHostKeyChecking: "yes",
  UserKnownHostsFile: "known_hosts",
  GlobalKnownHostsFile: "/dev/null",
  HostKeyAlias: "target",
  CheckHostIP: "no",
  UpdateHostKeys: "no",
  VerifyHostKeyDNS: "no",
  IdentityFile: "key",
  IdentitiesOnly: "yes",
  IdentityAgent: "none",
  PreferredAuthentications: "publickey",
  ForwardAgent: "no",
  ForwardX11: "no",
  ClearAllForwardings: "yes",
  PermitLocalCommand: "no",
  ControlMaster: "no",
  ControlPath: "none",
  RequestTTY: "no",
  ConnectTimeout: "10",
  ConnectionAttempts: "1",
  ServerAliveInterval: "5",
  ServerAliveCountMax: "3",
  LogLevel: "ERROR",
};

/** No configuration of whoever runs us is read, and what stands behind `--` is never an option. */
function argumentsFor({ host, port = 22, user, host_key: hostKey }: Place): string[] {
  const type = hostKey.split(" ", 1)[0] ?? "";
  const options = { ...OPTIONS, HostKeyAlgorithms: KEY_TYPES[type] ?? type };
  return [
    "-F",
    "none",
    "-T",
    "-p",
    String(port),
    "-l",
    user,
    ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    "--",
    host,
    "daytwo-agent",
  ];
}

const CODES: readonly (readonly [RegExp, string])[] = [
  [/connection refused/i, "ECONNREFUSED"],
  [/timed out/i, "ETIMEDOUT"],
  [/could not resolve|name or service not known/i, "ENOTFOUND"],
  [/no route to host/i, "EHOSTUNREACH"],
  [/network is unreachable/i, "ENETUNREACH"],
  [/connection (closed|reset)|broken pipe/i, "ECONNRESET"],
];

/** Why the agent never said that it listens. */
function problemOf(
  { host, user, key }: Place,
  { code, complaint }: { readonly code: number | null; readonly complaint: string },
): Error {
  if (/host key verification failed|no matching host key type/i.test(complaint))
    return new Invalid(`${host} shows another host key than the one in the catalog, so nothing was sent.`, {
      hint: "Only if you know that it was set up anew: put its new key into `host_key`.",
    });
  if (/load key|invalid format|error in libcrypto/i.test(complaint))
    return new Invalid("The private key cannot be used.", {
      hint: `It must be a whole one without a passphrase; it comes from ${"env" in key ? key.env : key.file}.`,
    });
  if (/permission denied/i.test(complaint) && code === 255)
    return new Invalid(`${host} does not accept this key for ${user}.`, {
      hint: `Its public half belongs into the authorized_keys of ${user} there: docs/providers/ssh.md.`,
    });
  if (code !== null && code !== 255)
    return new Invalid(`${host} has no daytwo-agent that answers.`, {
      hint: "docs/providers/ssh.md says where to put it.",
    });
  return coded(CODES.find(([pattern]) => pattern.test(complaint))?.[1]);
}

function coded(code: string | undefined): Error {
  return Object.assign(new Error("ssh could not connect"), code === undefined ? {} : { code });
}
