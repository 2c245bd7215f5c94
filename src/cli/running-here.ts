import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityOf, stillRuns, type Identity } from "../local/processes.ts";

/** Which Daytwo runs on a home, as a file there says: a second start finds the first one by it. */

type Running = Identity & { readonly url: string };

const FILE = "running.json";

/** Others may now be told that we run, and where our workspace is. */
export function noteRunning(home: string, url: string): void {
  const running: Running = { ...identityOf(process.pid), url };
  writeFileSync(join(home, FILE), JSON.stringify(running));
}

export function forgetRunning(home: string): void {
  rmSync(join(home, FILE), { force: true });
}

/** The workspace URL of a Daytwo that runs on this home. One that was killed may have left its number to another process. */
export function runningHere(home: string): string | null {
  try {
    const running = JSON.parse(readFileSync(join(home, FILE), "utf8")) as Running;
    return running.born !== undefined && stillRuns(running) ? running.url : null;
  } catch {
    return null; // no such file, or one that was never written to its end
  }
}
