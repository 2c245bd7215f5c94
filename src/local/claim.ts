import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { identityOf, stillRuns, type Identity } from "./processes.ts";

/** A claim is a file that says which process works in a folder, so that a second start can say so instead of failing oddly. */
export type Claim = {
  /** Tells whoever waits that it will be free in a moment. */
  closing(): void;
  release(): void;
};

type Holder = Identity & { readonly closing: boolean };

const POLL = 50;
/** How long a holder may need to notice that its parent is gone, and then to stop. */
const NOTICES_WITHIN = 1_500;
const CLOSES_WITHIN = 15_000;

/** Takes the claim, waiting for a holder that is just stopping; a holder that died has none. @throws Error naming the holder */
export async function claim(file: string, folder: string): Promise<Claim> {
  const me: Holder = { ...identityOf(process.pid), closing: false };
  for (let waited = 0; !create(file, me); waited += POLL) {
    const holder = readHolder(file);
    if (holder === undefined || !stillRuns(holder)) {
      rmSync(file, { force: true });
      continue;
    }
    if (waited >= (holder.closing ? CLOSES_WITHIN : NOTICES_WITHIN)) {
      throw new Error(`${folder} is in use by process ${holder.pid}. Stop that one first, or choose another folder.`);
    }
    await pause(POLL);
  }
  return {
    closing: () => writeFileSync(file, JSON.stringify({ ...me, closing: true })),
    release: () => rmSync(file, { force: true }),
  };
}

/** Whether somebody who still runs has it. */
export function isClaimed(file: string): boolean {
  const holder = readHolder(file);
  return holder !== undefined && stillRuns(holder);
}

/** Written aside and linked into place: whoever reads the file sees all of it, and only one of two can be first. */
function create(file: string, holder: Holder): boolean {
  const aside = `${file}.${holder.pid}`;
  writeFileSync(aside, JSON.stringify(holder), { mode: 0o644 });
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}
