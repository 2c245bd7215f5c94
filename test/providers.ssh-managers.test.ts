import { execFile as execFileWith } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import { examineTargets } from "../src/cli/doctor/targets.ts";
import { readConfig } from "../src/config.ts";
import type { Observation } from "../src/domain/observation.ts";
import { PROVIDERS } from "../src/providers/index.ts";
import { makeHome } from "./support/home.ts";
import { mayMount } from "./support/may-mount.ts";
import { whyWithout } from "./support/real-programs.ts";
import { openSshDesk, type SshDesk } from "./support/ssh-desk.ts";
import { AGENT, whyNoSshd } from "./support/sshd.ts";
import { until } from "./support/until.ts";

/** Which packages wait on a host, as the agent has its package manager say it: real apt on archives of this test's own. */

const execFile = promisify(execFileWith);
const whyNoApt = whyWithout("apt-get");
const DAY = 86_400;
const SLOW = "apt-get took too long";

async function put(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
}

describe.skipIf(whyNoSshd !== "" || whyNoApt !== "")(`real apt over SSH${whyNoSshd}${whyNoApt}`, () => {
  const now = Math.ceil(Date.now() / 600_000) * 600;
  let root: string;
  let desk: SshDesk;

  beforeAll(async () => {
    root = await makeHome("apt");
    desk = await openSshDesk((command) => `env APT_CONFIG=${root}/conf ${command}`);
    await rm(join(desk.sshd.home, "apt-config"));
    for (const folder of ["apt.conf.d", "preferences.d", "sources.list.d", "trusted.gpg.d"])
      await mkdir(join(root, "etc/apt", folder), { recursive: true });
    for (const folder of ["var/lib/apt/lists/partial", "var/cache/apt/archives/partial"])
      await mkdir(join(root, folder), { recursive: true });
    await put(
      join(root, "conf"),
      `Dir "${root}/"; Dir::State::status "${root}/status"; APT::Architecture "amd64"; APT::Sandbox::User ""; Acquire::Languages "none";\n`,
    );
    await put(
      join(root, "etc/apt/sources.list"),
      ["stable", "stable-security"].map((suite) => `deb [trusted=yes] file:${root}/archive ${suite} main\n`).join(""),
    );
  });
  afterAll(async () => {
    await desk.close();
    await rm(root, { recursive: true });
  });

  function stanza(name: string, version: string, more: string): string {
    return `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: ana <ana@example.com>\nDescription: ${name}\n${more}\n`;
  }
  /** An archive as Debian has it, unsigned. */
  async function suite(name: string, label: string, packages: Readonly<Record<string, string>>): Promise<void> {
    const index = Object.entries(packages).map(([each, version]) =>
      stanza(each, version, `Filename: ${each}.deb\nSize: 1\nSHA256: ${"0".repeat(64)}\n`),
    );
    const text = index.join("");
    const hash = createHash("sha256").update(text).digest("hex");
    await put(join(root, "archive/dists", name, "main/binary-amd64/Packages"), text);
    await put(
      join(root, "archive/dists", name, "Release"),
      `Origin: Debian\nLabel: ${label}\nSuite: ${name}\nCodename: bookworm\nVersion: 12.15\nDate: ${new Date(0).toUTCString().replace("GMT", "UTC")}\nArchitectures: amd64\nComponents: main\nSHA256:\n ${hash} ${text.length} main/binary-amd64/Packages\n`,
    );
  }
  async function installed(packages: Readonly<Record<string, string>>): Promise<void> {
    const all = Object.entries(packages).map(([name, version]) =>
      stanza(name, version, "Status: install ok installed\n"),
    );
    await put(join(root, "status"), all.join(""));
  }
  /** By the host's clock, since these tests began. */
  function passes(seconds: number): Promise<void> {
    return put(join(desk.sshd.home, "date"), `#!/bin/sh\necho ${now + seconds}\n`, 0o755);
  }
  /** Once apt had the time that it takes on this machine. */
  async function sees(): Promise<Observation> {
    let seen = await desk.sees();
    await until("apt to answer", async () => {
      if (seen.updatesUnseen !== SLOW) return true;
      seen = await desk.sees();
      return false;
    });
    return seen;
  }
  async function waits(): Promise<unknown> {
    const { updates, updatesUnseen } = await sees();
    return updatesUnseen ?? updates;
  }

  test("what waits, which of it is for security, and from lists of when", async () => {
    await passes(0);
    await installed({ perl: "5.36.0-7", tzdata: "2024a-0", held: "1" });
    expect(await waits()).toBe("apt-get has no lists of packages there");

    await suite("stable", "Debian", { perl: "5.36.0-7", tzdata: "2026b-0", held: "1" });
    await suite("stable-security", "Debian-Security", { perl: "5.36.0-7+deb12u3" });
    await execFile("apt-get", ["update"], { env: { ...process.env, APT_CONFIG: join(root, "conf") } });
    const seen = await sees();
    expect(seen.updates).toEqual([
      { name: "perl", summary: "5.36.0-7 → 5.36.0-7+deb12u3", due: null, isSecurity: true },
      { name: "tzdata", summary: "2024a-0 → 2026b-0", due: null, isSecurity: false },
    ]);
    expect([seen.updatesUnseen, seen.facts["Updates"]]).toEqual([undefined, "1 for security, 1 more"]);

    // It is not asked again before packages or lists changed.
    const kept = join(desk.sshd.home, ".daytwo/.packages");
    await writeFile(kept, (await readFile(kept, "utf8")).replace("5.36.0-7+deb12u3", "5.36.0-7+kept"));
    expect(await waits()).toMatchObject([{ summary: "5.36.0-7 → 5.36.0-7+kept" }, {}]);
    await installed({ perl: "5.36.0-7+deb12u3", tzdata: "2026b-0" });
    expect(await waits()).toEqual([]);

    await passes(12 * DAY);
    expect(await waits()).toMatch(/^its lists of packages are 1[12] days old$/);
  });

  test("a database that is broken is said, for ten minutes, and all else of the host is seen", async () => {
    await passes(0);
    await put(join(root, "status"), "Package: perl\nStatus: nonsense\n");
    const { release, updatesUnseen, facts } = await sees();
    expect([release, updatesUnseen?.split(":", 2), facts["Updates"]]).toEqual([
      "v142",
      ["apt-get says", " E"],
      expect.stringContaining("cannot be seen: apt-get says: E: "),
    ]);
    const kept = join(desk.sshd.home, ".daytwo/.packages");
    await writeFile(kept, (await readFile(kept, "utf8")).replace("E: ", "E: kept "));
    expect(await waits()).toContain("E: kept ");
    await passes(600);
    expect(await waits()).not.toContain("kept");
  });

  test("one that takes longer than anybody waits is told of by the look after it", async () => {
    const { home } = desk.sshd;
    await passes(0);
    await execFile("mkfifo", [join(home, "gate")]);
    await desk.program("apt-get", `#!/bin/sh\nread -r _ <${home}/gate\n`);
    await desk.program("sleep", "#!/bin/sh\n");
    await installed({ perl: "1" });
    expect((await desk.sees()).updatesUnseen).toBe(SLOW);
    expect((await desk.sees()).updatesUnseen).toBe(SLOW);
    await writeFile(join(home, "gate"), "\n");
    expect(await waits()).toEqual([]);
    for (const name of ["apt-get", "sleep"]) await rm(join(home, name));
  });

  test("where nothing can be kept it is asked at each look, and all else of the host is seen", async () => {
    const kept = join(desk.sshd.home, ".daytwo/.packages");
    for (const file of [kept, `${kept}.lock`]) await rm(file, { force: true });
    await mkdir(`${kept}.lock`); // not even root writes that
    await installed({ perl: "5.36.0-7+deb12u3", tzdata: "2026b-0" });
    const { release, facts } = await desk.sees();
    expect([release, facts["Disk"]]).toEqual(["v142", expect.stringContaining("% used")]);
    expect(await waits()).toEqual([]);
    await rm(`${kept}.lock`, { recursive: true });
  });

  test("an agent of an earlier release is told apart, by doctor too", async () => {
    const text = await readFile(AGENT, "utf8");
    const earlier = join(root, "daytwo-agent");
    await put(earlier, text.replace(/^ {2}packages$/m, "  :"), 0o755);
    const host = await openSshDesk((command) => command.replace(AGENT, earlier));
    try {
      const why = "the daytwo-agent there is not of this release and does not tell of packages";
      expect((await host.sees()).updatesUnseen).toBe(why);
      const web = JSON.stringify({ provider: "ssh", ...(host.target().settings as object) });
      const read = readCatalog(`services: { shop: { targets: { web: ${web} }, checks: { updates: } } }`, {
        checks: CHECKS,
        providers: PROVIDERS,
      });
      const catalog = "catalog" in read ? read.catalog : null;
      const findings = await examineTargets({ config: readConfig({}), catalog }, AbortSignal.timeout(20_000));
      expect(findings.slice(1)).toEqual([
        {
          verdict: "doubtful",
          sentence: `The check shop/updates does not see all updates or reboots of shop/web: ${why}.`,
          next: "docs/providers/ssh.md says what it takes.",
        },
      ]);
    } finally {
      await host.close();
    }
  });
});

describe.skipIf(whyNoSshd !== "" || !mayMount)(`other package managers over SSH${whyNoSshd}`, () => {
  let root: string;
  let desk: SshDesk;

  beforeAll(async () => {
    root = await makeHome("managers");
    // The host of this login has neither this machine's package managers nor their lists.
    await mkdir(join(root, "bin"));
    await execFile("sh", ["-c", `cp -rs /usr/bin/. ${root}/bin && rm -f ${root}/bin/apt-get ${root}/bin/dnf`]);
    await put(join(root, "os-release"), "ID=rocky\n");
    await mkdir(join(root, "cache"));
    desk = await openSshDesk(
      (command) =>
        `unshare -m sh -c 'mount --bind ${root}/cache /var/cache && mount --bind ${root}/os-release /etc/os-release && export PATH=${root}/bin && exec env ${command}'`,
    );
  });
  afterAll(async () => {
    await desk.close();
    await rm(root, { recursive: true });
  });

  async function manager(name: string, script: string): Promise<void> {
    await put(join(root, "bin", name), `#!/bin/sh\necho "$*" >>${root}/asked\n${script}\n`, 0o755);
  }
  async function asked(): Promise<string> {
    const text = await readFile(join(root, "asked"), "utf8");
    await rm(join(root, "asked"));
    return text;
  }

  test("none, apk and dnf, each by its own lists", async () => {
    expect(await desk.sees()).toMatchObject({ updatesUnseen: "there is no apt, dnf, yum or apk there" });

    await manager("apk", "echo 'libcrypto3-3.1.4-r5 < 3.1.8-r0'");
    expect(await desk.sees()).toMatchObject({ updatesUnseen: "apk has no lists of packages there" });
    await put(join(root, "cache/apk/APKINDEX.1.tar.gz"), "");
    const alpine = await desk.sees();
    expect([alpine.updates, alpine.updatesUnseen]).toEqual([
      [{ name: "libcrypto3", summary: "3.1.4-r5 → 3.1.8-r0", due: null }],
      undefined,
    ]);
    expect(await asked()).toContain("--no-network version -l <\n");

    await manager(
      "dnf5",
      `case "$*" in
         *list) echo 'RHSA-2025:1330 Important/Sec. openssl-libs-1:3.2.2-6.el9.x86_64' ;;
         *) echo 'openssl-libs.x86_64  1:3.2.2-6.el9  baseos'; exit 100 ;;
       esac`,
    );
    await symlink("dnf5", join(root, "bin/dnf"));
    await put(join(root, "cache/libdnf5/baseos-1/repodata/1-primary.xml.zst"), "");
    expect(await desk.sees()).toMatchObject({ updates: [{ name: "openssl-libs", isSecurity: true }] });
    const cache = "-q -C --setopt=cachedir=/var/cache/libdnf5";
    expect(await asked()).toBe(`${cache} updateinfo list\n${cache} check-update\n`);
    await put(join(root, "os-release"), 'ID=amzn\nPRETTY_NAME="Amazon Linux 2023.9.20251117"\n');
    await rm(join(desk.sshd.home, ".daytwo/.packages"));
    expect((await desk.sees()).updatesUnseen).toBe(
      "Amazon Linux 2023.9.20251117 is locked to its release, and newer ones are not looked at",
    );
  });
});
