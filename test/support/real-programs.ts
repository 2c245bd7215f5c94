import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Real programs that tests meet and not every machine has, each by the package of Debian that it comes in. */
const PACKAGES = {
  "apt-get": "apt",
  chromium: "chromium",
  kubectl: "kubernetes-client",
  prometheus: "prometheus",
  "prometheus-alertmanager": "prometheus-alertmanager",
  "redis-server": "redis-server",
  sshd: "openssh-server",
  "systemd-analyze": "systemd",
} as const;
export type Program = keyof typeof PACKAGES;
const PROGRAMS = Object.keys(PACKAGES) as readonly Program[];

/** Not everybody's PATH has what is the system's own. */
const FOLDERS = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];

/** @throws where it is not installed */
export function pathOf(program: Program): string {
  const path = found(program);
  if (path === undefined) throw new Error(missing(program));
  return path;
}

/**
 * Why tests that need this program are skipped, for their title; "" where they are not: it is there, or nothing may be
 * skipped, and then that it is missing is a failure.
 */
export function whyWithout(program: Program): string {
  return process.env["CI"] !== undefined || found(program) !== undefined ? "" : `: skipped, ${missing(program)}`;
}

/** What this machine lacks, a sentence each; what is skipped for it says so in its title. */
export function whatIsMissing(): readonly string[] {
  return PROGRAMS.filter((program) => found(program) === undefined).map(missing);
}

function found(program: Program): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

function missing(program: Program): string {
  return `${program} is missing (apt-get install ${PACKAGES[program]})`;
}
