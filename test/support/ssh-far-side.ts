import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { appendFile, chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../../src/domain/catalog.ts";
import { ssh } from "../../src/providers/ssh/index.ts";
import type { FarSide } from "./far-side.ts";
import { freePort } from "./free-port.ts";
import type { Ending } from "./json-server.ts";
import { AGENT, openSshd, withoutApt } from "./sshd.ts";
import { openTlsHost } from "./tls-host.ts";

const GATE = join(import.meta.dirname, "ssh-gate.sh");

/** What a status of HTTP has as its counterpart on a host, as the gate knows it. */
const CHANGES: Readonly<Record<number, string>> = {
  400: "strange", // a request that the agent does not know
  403: "forbidden", // the host's list of what may be done has it not
  404: "early gone", // no agent
  409: "moved",
  422: "vanished", // no such release any more
  429: "busy", // something else holds the lock
  500: "dies", // the agent, after it was asked
  502: "junk",
  503: "cut", // sshd ends
  504: "cut",
};
const LOOKS: Readonly<Record<number, string>> = {
  403: "forbidden",
  404: "early gone",
  429: "early cut", // sshd takes no more logins
  500: "dies",
  502: "junk",
  503: "early cut",
};
const ENDINGS = {
  "breaks before": "cut",
  "breaks after": "cut after",
  truncates: "truncated",
  "stalls before": "stalls before",
  "stalls after": "stalls after",
} as const;

/** The host of `openSshFarSide` with a certificate that a program there renews. */
export async function openSshCertificateFarSide(): Promise<FarSide> {
  const far = await openSshFarSide();
  const { restart, path, ...settings } = far.target.settings as { restart: string[]; path: string };
  const home = join(path, "..");
  async function program(name: string, text: string): Promise<string> {
    const file = join(home, name);
    await writeFile(file, text);
    await chmod(file, 0o755);
    await appendFile(join(home, "may"), `run ${file}\n`);
    return file;
  }
  const [now, later] = [new Date(), new Date(Date.now() + 90 * 86_400_000)];
  const tls = await openTlsHost({ sshd: { home }, program }, now, later);
  await tls.issues(now, later);
  const { reload, renew, address } = tls.certificate;
  // What is counted, held up and fails as a restart does, and then renews.
  const both = await program("both", `#!/bin/sh\n${restart[0]} && ${renew[0]} shop >/dev/null\n`);
  const target = {
    ...far.target,
    settings: { ...settings, path, restart, certificate: { renew: [both], reload, address } },
  };
  const change = { action: "renew-cert" as const, arguments: {} };
  return {
    ...far,
    target,
    change,
    other: change,
    async close() {
      await tls.close();
      await far.close();
    },
  };
}

/** A host with an application, behind a real sshd, as the suite for every provider has it. */
export async function openSshFarSide(): Promise<FarSide> {
  const sshd = await openSshd((home, may) => `HOME=${home} PATH=${home}:$PATH ${GATE} ${home} ${may} ${AGENT}`);
  const { home, shop } = sshd;
  await withoutApt(home);
  const restart = join(home, "restart");
  await writeFile(
    restart,
    `#!/bin/sh
echo "$DAYTWO_OPERATION" >>${home}/effects
while [ -e ${home}/hold ]; do sleep 0.05; done
[ ! -e ${home}/fail ]
`,
  );
  await chmod(restart, 0o755);
  await appendFile(sshd.may, `run ${restart}\n`);
  const keys = [sshd.key, sshd.stranger].map((file) => readFileSync(file, "utf8"));
  process.env["SSH_TEST_KEY"] = keys[0];

  function target(other: object = {}): Target {
    const settings = {
      host: "127.0.0.1",
      port: sshd.port,
      user: sshd.user,
      key: { env: "SSH_TEST_KEY" },
      host_key: sshd.hostKey,
      path: shop,
      restart: [restart],
      ...other,
    };
    return { key: "shop/web", service: "shop", name: "web", provider: "ssh", settings };
  }
  function next(which: "change" | "look", ending: Ending, table: Readonly<Record<number, string>>): void {
    if (typeof ending === "object" && ending.status === 401) return sshd.refusesOnce();
    writeFileSync(join(home, `next-${which}`), `${wordOf(ending, table)}\n`);
  }
  function holding(): string[] {
    return readdirSync(home).filter((name) => name.startsWith("holding."));
  }
  function release(): void {
    for (const name of holding()) rmSync(join(home, name));
  }
  return {
    provider: ssh,
    target: target(),
    wrong: {
      nowhere: target({ port: await freePort() }),
      missing: target({ path: join(home, "nothing") }),
      stranger: target({ key: { file: sshd.stranger } }),
      unarmed: target({ key: { env: "NO_SUCH_KEY" } }),
    },
    change: { action: "rollback", arguments: { release: "v141" } },
    other: { action: "rollback", arguments: { release: "v140" } },
    nonsense: { action: "rollback", arguments: { release: "v9" }, possible: /v142, v141, v140, v139/ },
    secrets: keys.flatMap((key) => key.split("\n").filter((line) => line.length > 50 && !line.startsWith("-"))),
    changes: (ending) => next("change", ending, CHANGES),
    looks: (ending) => next("look", ending, LOOKS),
    isHolding: () => holding().length > 0,
    release,
    moves() {
      symlinkSync("releases/v139", join(shop, "other"));
      renameSync(join(shop, "other"), join(shop, "current"));
    },
    takesLong: () => writeFileSync(join(home, "hold"), ""),
    finishes: () => rmSync(join(home, "hold")),
    fails: () => writeFileSync(join(home, "fail"), ""),
    effects() {
      const path = join(home, "effects");
      return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    },
    async close() {
      release();
      await sshd.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function wordOf(ending: Ending, table: Readonly<Record<number, string>>): string {
  if (typeof ending === "string") return ENDINGS[ending];
  const { status, retryAfter } = ending;
  if (retryAfter === undefined) return table[status] ?? "";
  // The agent says it in seconds, and nothing else.
  const at = Date.parse(retryAfter);
  const isDate = !/^\d+$/.test(retryAfter) && !Number.isNaN(at);
  return `busy ${isDate ? Math.ceil((at - Date.now()) / 1_000) : retryAfter}`;
}
