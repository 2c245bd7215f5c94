import type { Observation, Update } from "../../domain/observation.ts";
import { all, said, type Answer } from "./answer.ts";

/** Which packages of a host wait to be upgraded, read from what its package manager says. Pure; any line may be anything. */

export type Packages = Pick<Observation, "updates" | "updatesUnseen">;

/** Days after which lists of packages say too little: by then archives of Debian must have signed theirs anew. */
const STALE = 7;
const DAY = 86_400; // seconds
const MOST = 500;

/** How what each says is read. */
const MANAGERS: ReadonlyMap<string, (answer: Answer) => readonly Update[]> = new Map([
  ["apt-get", (answer) => all(answer, "waits").flatMap(ofApt)],
  ["dnf", ofRpm],
  ["yum", ofRpm],
  ["apk", (answer) => all(answer, "waits").flatMap(ofApk)],
]);

export function packagesIn(answer: Answer): Packages {
  const [name = "", age = ""] = said(answer, "packages")?.split(" ") ?? [];
  const read = MANAGERS.get(name);
  if (name === "none") return { updatesUnseen: "there is no apt, dnf, yum or apk there" };
  if (read === undefined)
    return { updatesUnseen: "the daytwo-agent there is not of this release and does not tell of packages" };
  const ended = said(answer, "ended-as") ?? "";
  if (ended !== "0") return { updatesUnseen: whyNot(name, ended, all(answer, "waits")) };
  if (!/^-?\d{1,12}$/.test(age)) return { updatesUnseen: `${name} has no lists of packages there` };
  const found = new Map(read(answer).map((update) => [update.name, update]));
  const updates = [...found.values()].toSorted(mostUrgentFirst);
  return { updates: updates.slice(0, MOST), updatesUnseen: whyNotAll(answer, Number(age), updates.length) };
}

/** timeout's own status, and those of what it had to kill, as other systems have them. */
const STOPPED = new Set(["124", "137", "143"]);
const COMPLAINT = /^(E|Error|ERROR|WARNING): /;

function whyNot(name: string, ended: string, lines: readonly string[]): string {
  if (STOPPED.has(ended)) return `${name} took too long`;
  const complaint = lines.find((line) => COMPLAINT.test(line)) ?? lines.at(-1);
  return complaint === undefined
    ? `${name} ended with exit status ${quoted(ended)}`
    : `${name} says: ${quoted(complaint)}`;
}

function quoted(text: string): string {
  return text.slice(0, 150).replaceAll(/[^ -~]/g, "?");
}

/** Where lists are missing apk says so, and goes on with the rest. */
function whyNotAll(answer: Answer, age: number, count: number): string | undefined {
  const complaint = all(answer, "waits").find((line) => COMPLAINT.test(line));
  const release = said(answer, "locked");
  if (age > STALE * DAY) return `its lists of packages are ${Math.floor(age / DAY)} days old`;
  if (complaint !== undefined) return `it says: ${quoted(complaint)}`;
  if (release !== undefined) return `${quoted(release)} is locked to its release, and newer ones are not looked at`;
  return count > MOST ? `${count} packages wait, of which ${MOST} are told` : undefined;
}

function mostUrgentFirst(a: Update, b: Update): number {
  return urgency(a) - urgency(b) || a.name.localeCompare(b.name, "en");
}

/** What mends a weakness, then what may, then the rest. */
function urgency({ isSecurity }: Update): number {
  return [true, undefined, false].indexOf(isSecurity);
}

const VERSION = String.raw`[\w.+~^:-]{1,100}`;

/**
 * "Inst perl [5.36.0-7] (5.36.0-7+deb12u3 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []"; what is
 * newly installed with it has no version in brackets.
 */
const INST = new RegExp(String.raw`^Inst ([a-z0-9][a-z0-9+.:-]{1,100}) \[(${VERSION})\] \((${VERSION})(?= |$)([^[)]*)`);

function ofApt(line: string): Update[] {
  const [, name, from, to, origins = ""] = INST.exec(line) ?? [];
  if (name === undefined) return [];
  return [{ name, summary: `${from} → ${to}`, due: null, isSecurity: /security/i.test(origins) }];
}

const RPM_NAME = String.raw`[A-Za-z0-9][\w.+-]{0,100}`;
const ARCH = "(?:noarch|x86_64|aarch64|i[3-6]86|ppc64le|s390x|riscv64|armv7hl)";
/** "openssl.x86_64  1:3.0.7-27.el9  baseos" */
const UPGRADE = new RegExp(String.raw`^(${RPM_NAME})\.${ARCH}\s+(${VERSION})\s+\S+$`);
/** The end of a name with version and release. */
const BUILT = new RegExp(String.raw`-\d[^\s-]*-[^\s-]*\.${ARCH}$`);
/** As yum breaks a line whose name is long. */
const BROKEN = new RegExp(String.raw`^${RPM_NAME}\.${ARCH}$`);

function ofRpm(answer: Answer): Update[] {
  const advised = new Map<string, boolean>();
  for (const { name, isSecurity } of all(answer, "advises").flatMap(adviceIn))
    advised.set(name, isSecurity || advised.get(name) === true);
  return upgradesIn(all(answer, "waits")).flatMap((line) => {
    const [, name, to] = UPGRADE.exec(line) ?? [];
    return name === undefined ? [] : [{ name, summary: `to ${to}`, due: null, isSecurity: advised.get(name) }];
  });
}

/**
 * "RHSA-2024:1234 Important/Sec. openssl-1:3.0.7-27.el9.x86_64", or of dnf5
 * "FEDORA-2024-1a security Moderate openssl-3.2.1-2.fc40.x86_64 2024-02-03 00:00:00".
 */
function adviceIn(line: string): { readonly name: string; readonly isSecurity: boolean }[] {
  const [, ...words] = line.split(/\s+/);
  const at = words.findIndex((word) => BUILT.test(word));
  const name = words[at]?.split("-").slice(0, -2).join("-") ?? "";
  return name === "" ? [] : [{ name, isSecurity: words.slice(0, at).some((word) => /^security$|\/Sec\.$/.test(word)) }];
}

/** What comes after that heading is told before it already. */
function upgradesIn(lines: readonly string[]): string[] {
  const end = lines.findIndex((line) => /^obsoleting packages/i.test(line));
  const upgrades = end === -1 ? lines : lines.slice(0, end);
  return upgrades.map((line, at) => (BROKEN.test(upgrades[at - 1] ?? "") ? `${upgrades[at - 1]} ${line}` : line));
}

/** "openssl-3.1.4-r0      < 3.1.5-r0"; Alpine does not say why. */
const OLDER = new RegExp(String.raw`^([A-Za-z0-9][\w.+-]{0,100}?)-(\d[\w.~-]{0,60}-r\d+)\s+<\s+(${VERSION})(\s|$)`);

function ofApk(line: string): Update[] {
  const [, name, from, to] = OLDER.exec(line) ?? [];
  return name === undefined ? [] : [{ name, summary: `${from} → ${to}`, due: null }];
}
