import { execFile as execFileWith, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, renameSync } from "node:fs";
import { mkdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { makeHome } from "./home.ts";
import { until } from "./until.ts";

const SSHD = "/usr/sbin/sshd";
/** It is no part of every machine; where tests must not be skipped, it is installed. */
export const sshdIsMissing = process.env["CI"] !== "true" && !existsSync(SSHD);
export const whyNoSshd = sshdIsMissing ? ": skipped, sshd is missing (apt-get install openssh-server)" : "";

/** A real sshd on the loopback, with keys of its own, and an application with releases beside each other. */
export type Sshd = {
  readonly home: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  /** The path of the application: releases/ and current. */
  readonly shop: string;
  /** Files with private keys: one that it takes, and one of somebody else. */
  readonly key: string;
  readonly stranger: string;
  /** What may be done, as the agent reads it. */
  readonly may: string;
  /** The next login gets no key accepted. */
  refusesOnce(): void;
  close(): Promise<void>;
};

const execFile = promisify(execFileWith);
export const AGENT = join(import.meta.dirname, "../../docs/providers/daytwo-agent");
const RELEASES = ["v139", "v140", "v141", "v142"];

/** `command` is what a login runs, by the name of the directory and of the file of what may be done. */
export async function openSshd(
  command: (home: string, may: string) => string = (_home, may) => `${AGENT} ${may}`,
): Promise<Sshd> {
  const home = await makeHome("sshd");
  const port = await freePort();
  const { username: user } = userInfo();
  for (const name of ["host", "key", "stranger"])
    await execFile("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(home, name)]);
  const may = join(home, "may");
  const shop = join(home, "shop");
  await writeFile(may, `path ${shop}\n`);
  await releases(shop);
  await writeFile(
    join(home, "authorized_keys"),
    `command="${command(home, may)}",restrict ${await publicKey(home, "key")}`,
  );
  await writeFile(join(home, "config"), configuration(home, port));
  // It needs a directory of this name to separate privileges, which the system makes at its start.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  const child = spawn(SSHD, ["-D", "-e", "-f", join(home, "config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  const keys = join(home, "authorized_keys");
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    if (isDeaf && /Failed publickey|authenticating user/.test(chunk.toString())) hears();
  });
  let isDeaf = false;
  function hears(): void {
    isDeaf = false;
    renameSync(`${keys}.away`, keys);
  }
  const exit = once(child, "exit");
  await until(
    () => `sshd to listen; it said:\n${said}`,
    () => /Server listening/.test(said),
  );
  return {
    home,
    port,
    user,
    hostKey: (await publicKey(home, "host")).trim(),
    shop,
    key: join(home, "key"),
    stranger: join(home, "stranger"),
    may,
    refusesOnce() {
      renameSync(keys, `${keys}.away`);
      isDeaf = true;
    },
    async close() {
      child.kill();
      await exit;
    },
  };
}

function publicKey(home: string, name: string): Promise<string> {
  return readFile(join(home, `${name}.pub`), "utf8");
}

/** Releases in their order, the youngest one current. */
async function releases(shop: string): Promise<void> {
  for (const [index, release] of RELEASES.entries()) {
    const directory = join(shop, "releases", release);
    await mkdir(directory, { recursive: true });
    await utimes(directory, 1_700_000_000 + index * 86_400, 1_700_000_000 + index * 86_400);
  }
  await symlink("releases/v142", join(shop, "current"));
}

function configuration(home: string, port: number): string {
  return `
Port ${port}
ListenAddress 127.0.0.1
HostKey ${home}/host
PidFile none
UsePAM no
UseDNS no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AuthorizedKeysFile ${home}/authorized_keys
MaxStartups 100
LogLevel VERBOSE
KexAlgorithms curve25519-sha256
`;
}
