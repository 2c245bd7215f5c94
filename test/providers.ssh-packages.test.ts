import { expect, test } from "vitest";
import type { Update } from "../src/domain/observation.ts";
import type { Answer } from "../src/providers/ssh/answer.ts";
import { packagesIn } from "../src/providers/ssh/packages.ts";

/** What is read from what package managers say, as Debian 12, Ubuntu 24.04, RHEL 9, Fedora 41, CentOS 7 and Alpine 3.19 print it. */

const HOUR = 3_600;
const DAY = 24 * HOUR;

function answer(packages: string, ended: number, said: string, others: Answer = []): Answer {
  const lines = said.split("\n").map((line) => ({ word: "waits", rest: line.trim() }));
  return [{ word: "packages", rest: packages }, ...others, { word: "ended-as", rest: String(ended) }, ...lines];
}
function advises(said: string): Answer {
  return said.split("\n").map((line) => ({ word: "advises", rest: line.trim() }));
}
const MARKS = new Map([
  [true, "!"],
  [undefined, "?"],
]);
/** "openssl! 3.0.14 → 3.0.15": what is for security has a mark, and what may be a question mark. */
function shown({ name, isSecurity, summary }: Update): string {
  return `${name}${MARKS.get(isSecurity) ?? ""} ${summary}`;
}
function found(seen: Answer): readonly string[] | undefined {
  return packagesIn(seen).updates?.map(shown);
}

const APT = `Inst perl-base [5.36.0-7] (5.36.0-7+deb12u3 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) [perl:amd64 ]
Inst perl [5.36.0-7] (5.36.0-7+deb12u3 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
Inst tzdata [2024a-0+deb12u1] (2026b-0+deb12u1 Debian:12.15/oldstable [all])
Inst linux-image-6.1.0-41-amd64 (6.1.158-1 Debian-Security:12/oldstable-security [amd64])
Inst linux-image-amd64 [6.1.148-1] (6.1.158-1 Debian-Security:12/oldstable-security [amd64])
Inst libc6:i386 [2.39-0ubuntu8.4] (2.39-0ubuntu8.5 Ubuntu:24.04/noble-updates, Ubuntu:24.04/noble-security [i386])
Inst libavcodec60 [7:6.1.1-3ubuntu5] (7:6.1.1-3ubuntu5+esm2 UbuntuESMApps:24.04/noble-apps-security [amd64])
Inst docker-ce [5:24.0.7-1~debian.12~bookworm] (5:27.3.1-1~debian.12~bookworm Docker CE:bookworm [amd64])`;

test("apt: what is upgraded, and from where; what comes newly with it is none", () => {
  expect(found(answer(`apt-get ${HOUR}`, 0, APT))).toEqual([
    "libavcodec60! 7:6.1.1-3ubuntu5 → 7:6.1.1-3ubuntu5+esm2",
    "libc6:i386! 2.39-0ubuntu8.4 → 2.39-0ubuntu8.5",
    "linux-image-amd64! 6.1.148-1 → 6.1.158-1",
    "perl! 5.36.0-7 → 5.36.0-7+deb12u3",
    "perl-base! 5.36.0-7 → 5.36.0-7+deb12u3",
    "docker-ce 5:24.0.7-1~debian.12~bookworm → 5:27.3.1-1~debian.12~bookworm",
    "tzdata 2024a-0+deb12u1 → 2026b-0+deb12u1",
  ]);
});

const DNF = `Not root, Subscription Management repositories not updated

glibc.i686                     2.34-125.el9_5.8                rhel-9-for-x86_64-baseos-rpms
glibc.x86_64                   2.34-125.el9_5.8                rhel-9-for-x86_64-baseos-rpms
openssl-libs.x86_64            1:3.2.2-6.el9_5.1               rhel-9-for-x86_64-baseos-rpms
tzdata.noarch                  2026b-1.el9                     rhel-9-for-x86_64-baseos-rpms
docker-ce.x86_64               3:27.3.1-1.el9                  docker-ce-stable
Obsoleting Packages
grub2-tools.x86_64             1:2.06-94.el9                   rhel-9-for-x86_64-baseos-rpms
    grub2-tools.x86_64         1:2.06-70.el9                   @System`;
const ADVISORIES = `RHSA-2025:3845 Moderate/Sec.  glibc-2.34-125.el9_5.3.x86_64
RHBA-2025:4242 bugfix         glibc-2.34-125.el9_5.8.x86_64
RHSA-2025:1330 Important/Sec. openssl-libs-1:3.2.2-6.el9_5.1.x86_64
RHBA-2026:0001 bugfix         tzdata-2026b-1.el9.noarch`;

test("dnf: its advisories tell which are for security, and of what nobody says", () => {
  expect(found(answer(`dnf ${HOUR}`, 0, DNF, advises(ADVISORIES)))).toEqual([
    "glibc! to 2.34-125.el9_5.8",
    "openssl-libs! to 1:3.2.2-6.el9_5.1",
    "docker-ce? to 3:27.3.1-1.el9",
    "tzdata to 2026b-1.el9",
  ]);
  expect(found(answer(`dnf ${HOUR}`, 0, ""))).toEqual([]);
});

test("dnf5 has a heading and columns of its own, and yum breaks long lines", () => {
  const advisories = `Name                   Type        Severity                   Package              Issued
FEDORA-2018-318f184000 security    none     glibc-2.28-26.fc29.x86_64 2019-01-17 00:00:00
FEDORA-2999:002-02     enhancement Moderate  flac-1.3.3-8.fc29.x86_64 2019-01-17 00:00:00`;
  const upgrades = `Upgrades
flac.x86_64  1.3.3-8.fc29 updates
glibc.x86_64 2.28-26.fc29 updates
Obsoleting packages
wget2-wget.x86_64 2.2.0-1.fc41 updates`;
  expect(found(answer(`dnf ${HOUR}`, 0, upgrades, advises(advisories)))).toEqual([
    "glibc! to 2.28-26.fc29",
    "flac to 1.3.3-8.fc29",
  ]);
  const broken = `java-1.8.0-openjdk-headless.x86_64
                            1:1.8.0.412.b08-1.el7_9        rhel-7-server-rpms`;
  expect(found(answer(`yum ${HOUR}`, 0, broken))).toEqual(["java-1.8.0-openjdk-headless? to 1:1.8.0.412.b08-1.el7_9"]);
});

test("apk says what is older than what there is, and not why", () => {
  const said = `Installed:                                Available:
libcrypto3-3.1.4-r5                     < 3.1.8-r0
gtk+3.0-3.24.38-r1                      < 3.24.39-r0 @edge
busybox-binsh-1.36.1-r15                < 1.36.1-r20`;
  expect(found(answer(`apk ${HOUR}`, 0, said))).toEqual([
    "busybox-binsh? 1.36.1-r15 → 1.36.1-r20",
    "gtk+3.0? 3.24.38-r1 → 3.24.39-r0",
    "libcrypto3? 3.1.4-r5 → 3.1.8-r0",
  ]);
});

test.each<[string, Answer, string, number | undefined]>([
  ["an older agent", [{ word: "os", rest: "Debian" }], "the daytwo-agent there is not of this release", undefined],
  ["an unknown manager", answer("zypper 5", 0, ""), "the daytwo-agent there is not of this release", undefined],
  ["a name of every object", answer("constructor 5", 0, ""), "the daytwo-agent there is not of", undefined],
  ["none", [{ word: "packages", rest: "none" }], "there is no apt, dnf, yum or apk there", undefined],
  ["no lists", answer("apt-get", 0, ""), "apt-get has no lists of packages there", undefined],
  ["no number", answer("apt-get 1e99", 0, APT), "apt-get has no lists of packages there", undefined],
  ["old lists", answer(`apt-get ${12 * DAY}`, 0, APT), "its lists of packages are 12 days old", 7],
  ["a slow one", answer(`apt-get ${HOUR}`, 124, ""), "apt-get took too long", undefined],
  ["a slow one of Alpine", answer(`apk ${HOUR}`, 143, "Terminated"), "apk took too long", undefined],
  [
    "a broken one",
    answer(`apt-get ${HOUR}`, 100, "E: dpkg was interrupted, you must manually run\u001b[2J"),
    "apt-get says: E: dpkg was interrupted, you must manually run?[2J",
    undefined,
  ],
  [
    "no cache",
    answer(`dnf ${HOUR}`, 1, `x\nError: Cache-only enabled but no cache for 'baseos'`),
    "dnf says: Error: Cache-only enabled but no cache for 'baseos'",
    undefined,
  ],
  ["none that says why", answer(`dnf ${HOUR}`, 1, ""), "dnf says: ", undefined],
  [
    "an index that is missing",
    answer(
      `apk ${HOUR}`,
      0,
      "WARNING: opening from cache https://x/community: No such file or directory\na-1-r0 < 2-r0",
    ),
    "it says: WARNING: opening from cache https://x/community: No such file or directory",
    1,
  ],
  [
    "a release that is locked",
    answer(`dnf ${HOUR}`, 0, "", [{ word: "locked", rest: "Amazon Linux 2023.9.20251117" }]),
    "Amazon Linux 2023.9.20251117 is locked to its release, and newer ones are not looked at",
    0,
  ],
  [
    "very many",
    answer(`apk ${HOUR}`, 0, Array.from({ length: 700 }, (_, at) => `p${at}-1-r0 < 2-r0`).join("\n")),
    "700 packages wait, of which 500 are told",
    500,
  ],
])("%s: it says what cannot be seen", (_what, seen, why, count) => {
  const { updates, updatesUnseen } = packagesIn(seen);
  expect([updatesUnseen?.startsWith(why), updates?.length]).toEqual([true, count]);
});

test("lines that are cut, forged or endless are read as far as they can be meant", () => {
  const endless = "a-1".repeat(20_000);
  const lines = [
    "Inst openssl [3.0.14-1] (3.0.15-1 Debian-Security:12/ol",
    "Inst openssl2 [3.0.14-1] (3.0.1",
    "Inst cut [3.0.14-1",
    "Inst <!channel> [1] (2 X-security [all])",
    "Inst $(touch pwned) [1] (2 [all])",
    "Inst name [1](2)",
    "Inst",
    `Inst ${endless} [1] (2 [all])`,
    `Inst long [${endless}] (2 [all])`,
    "Remv perl [5.36]",
  ];
  expect(found(answer(`apt-get ${HOUR}`, 0, lines.join("\n")))).toEqual([
    "openssl! 3.0.14-1 → 3.0.15-1",
    "openssl2 3.0.14-1 → 3.0.1",
  ]);
  const started = performance.now();
  const many = Array.from({ length: 2_000 }, () => "a-1.".repeat(75)).join("\n");
  for (const manager of ["dnf", "apk", "apt-get"])
    expect(found(answer(`${manager} 5`, 0, `${many}\n${endless}`, advises(`${many}\nx ${endless}`)))).toEqual([]);
  expect(performance.now() - started).toBeLessThan(2_000);
});
