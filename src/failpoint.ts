import { setTimeout as pause } from "node:timers/promises";

/**
 * Moments at which `npm run chaos` ends or stops a process, to see that the truth survives it:
 *
 * C1 a request came in, not recorded · C2 recorded, not acknowledged · C3 acknowledged, nothing done · C4 job added to the
 * queue, still owed · C5 a worker has the job · C6 before the look at the target · C7 looked, no intent · C8 intent
 * committed, nothing sent · C9 sent, no answer · C10 answered, outcome not committed · C11 outcome committed, job not
 * over · C12 before Slack is told · C13 Slack has it, not noted · C14 while finding out what became of an attempt · C15
 * while a person is called.
 *
 * Only whoever started the process can arm one, by naming itself: `DAYTWO_FAIL_AT=C8:2@4711` kills the second pass
 * through C8 of a child of process 4711, and `C8:2@4711/stop` stops it there as SIGSTOP does. A number that nobody knows
 * before the parent runs cannot be left in a deployment's settings: anywhere else it means nothing.
 */
export type Failpoint = `C${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15}`;

type Armed = { readonly at: string; readonly pass: number; readonly signal: "SIGKILL" | "SIGSTOP" };

const armed = readArmed();
let passes = 0;

/** Nothing at all, unless our parent armed this one. */
export const failpoint: (at: Failpoint) => Promise<void> = armed === null ? pass : strike;

async function pass(): Promise<void> {}

const ON_ITS_WAY = 60; // ms after which a request surely left: C9 is passed as it is sent

async function strike(at: Failpoint): Promise<void> {
  if (at !== armed?.at) return;
  passes += 1;
  if (passes !== armed.pass) return;
  if (at === "C9") await pause(ON_ITS_WAY);
  process.kill(process.pid, armed.signal);
}

function readArmed(): Armed | null {
  // Not a setting of Daytwo: it is in no configuration, and its value is good for one parent only.
  // oxlint-disable-next-line node/no-process-env
  const said = /^(C\d+):(\d+)@(\d+)(\/stop)?$/.exec(process.env["DAYTWO_FAIL_AT"] ?? "");
  if (said === null) return null;
  const [, at = "", nth, parent, stop] = said;
  if (Number(parent) !== process.ppid || process.ppid <= 1) return null;
  return { at, pass: Number(nth), signal: stop === undefined ? "SIGKILL" : "SIGSTOP" };
}
