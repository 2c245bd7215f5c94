import { execFile as execFileWith, spawn } from "node:child_process";
import { once } from "node:events";
import { renameSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { makeHome } from "./home.ts";
import { pathOf, whyWithout } from "./real-programs.ts";
import { until } from "./until.ts";

export const whyNoSshd = whyWithout("sshd");

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
  const minted = await (keys ??= mintKeys());
  for (const [name, text] of minted) await writeFile(join(home, name), text, { mode: 0o600 });
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
  const child = spawn(pathOf("sshd"), ["-D", "-e", "-f", join(home, "config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  const accepted = join(home, "authorized_keys");
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    if (isDeaf && /Failed publickey|authenticating user/.test(chunk.toString())) hears();
  });
  let isDeaf = false;
  function hears(): void {
    isDeaf = false;
    renameSync(`${accepted}.away`, accepted);
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
      renameSync(accepted, `${accepted}.away`);
      isDeaf = true;
    },
    async close() {
      child.kill();
      await exit;
    },
  };
}

/** Where programs are looked for here first, apt knows of no packages: what waits on this machine is no test's. */
export async function withoutApt(folder: string): Promise<void> {
  await writeFile(join(folder, "apt-config"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
}

let keys: Promise<ReadonlyMap<string, string>> | undefined;

/** Of the host, of one it takes, and of somebody else: the files' texts, the same for every sshd of this process. */
async function mintKeys(): Promise<ReadonlyMap<string, string>> {
  const folder = await makeHome("keys");
  for (const name of ["host", "key", "stranger"])
    await execFile("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder, name)]);
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  await rm(folder, { recursive: true });
  return new Map(names.map((name, index) => [name, texts[index] ?? ""]));
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
# A bash that sshd starts reads the .bashrc of whoever runs the tests, which may take longer than all else; one within a shell does not.
SetEnv SHLVL=1
`;
}
