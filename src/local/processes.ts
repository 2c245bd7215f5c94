import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What the operating system says about a process that we did not start ourselves. */

/** A process, to be known again by whoever comes later: its number may be another one's by then. */
export type Identity = { readonly pid: number; readonly born: string | undefined };

export function identityOf(pid: number): Identity {
  return { pid, born: bornAt(pid) };
}

/** Whether it still runs; where the system did not tell when it was started, whether anything runs under its number. */
export function stillRuns({ pid, born }: Identity): boolean {
  return born === undefined ? isAlive(pid) : bornAt(pid) === born;
}

/** To a process that leads a group and to all of its group, as far as they are still there. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

/** The command line, arguments separated by spaces; undefined when there is no such process. */
export function commandOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  if (process.platform !== "linux") return ps(pid, "command");
  // Of a process that has ended and waits to be collected by its parent, nothing is left.
  return read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ").trim() || undefined;
}

/** When it was started, in the system's own words: a later process with the same pid has another. */
function bornAt(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  if (process.platform !== "linux") return ps(pid, "lstart");
  // The command's name may hold spaces and parentheses, so count from the last one: state is field 3, starttime field 22.
  const fields = read(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
