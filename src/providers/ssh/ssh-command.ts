import { Invalid } from "../../errors.ts";
import { KEY_TYPES, type Place } from "./settings.ts";

/** The machine's own `ssh`: how it is called, and what its complaints mean. */

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
export function argumentsFor({ host, port = 22, user, host_key: hostKey }: Place): string[] {
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
export function problemOf(
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

export function coded(code: string | undefined): Error {
  return Object.assign(new Error("ssh could not connect"), code === undefined ? {} : { code });
}
