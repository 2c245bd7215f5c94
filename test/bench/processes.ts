import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** What processes cost, read from /proc: robust to whatever else the machine does. */

const TICK = 10_000; // µs in one clock tick of /proc: 100 a second on every Linux that we know

type Process = { readonly pid: number; readonly parent: number; readonly ticks: number };

/** CPU time in µs that `root` and everything it started have used so far, children that ended among them. */
export function cpuOf(root: number): number {
  const all = processes();
  const tree = new Set([root]);
  // A child always has its parent in the list before or after it: go on until nothing is added.
  for (let size = 0; size !== tree.size;) {
    size = tree.size;
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid);
  }
  return all.filter(({ pid }) => tree.has(pid)).reduce((sum, { ticks }) => sum + ticks * TICK, 0);
}

/** CPU time in µs that the whole machine has been busy. */
export function busy(): number {
  return cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) * 1_000, 0);
}

/** Resident memory in bytes: now, and the most that it ever was. */
export function memoryOf(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return { now: kilobytes(status, "VmRSS"), most: kilobytes(status, "VmHWM") };
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1_024;
}

function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parse(Number(name), readFileSync(`/proc/${name}/stat`, "utf8"))];
      } catch {
        return []; // it ended between the two looks
      }
    });
}

/** The fields after the command's name, which may itself hold spaces and parentheses (`man proc`). */
function parse(pid: number, stat: string): Process {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return { pid, parent: Number(fields[1]), ticks };
}
