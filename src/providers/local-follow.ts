import { operationOf, stop, type FleetOperation, type Settings } from "./local-supervisor.ts";
import { CANCELLED, type ApplyUse, type Outcome } from "./provider.ts";

/** Follows an operation that the supervisor took until it ends, and passes on what it says of it. */

/** How what is followed tells of itself, and how it ends. */
type Kind = {
  /** Looks from one told line to the next; between them only the newest counts. 0: every line is told. */
  readonly every: number;
  /** ms that it may take to stop once a person asked for it; null where it cannot be stopped. */
  readonly stopsWithin: number | null;
  failed(message: string): Outcome;
};

/** A change of the application: a few lines, taken back where it fails. */
export const CHANGE: Kind = {
  every: 0,
  stopsWithin: null,
  failed: (message) => ({ kind: "refused", reason: `it failed and was taken back: ${message}` }),
};

/** A task, which says as much as it likes, and of which nothing is taken back. */
export const TASK: Kind = {
  every: 10,
  stopsWithin: 20_000,
  failed: (reason) => ({ kind: "failed", reason }),
};

const POLL = 200; // ms between two looks at an operation under way
const LAST_LINES = 8; // that are told at the end

export async function follow(
  where: Settings,
  started: FleetOperation,
  kind: Kind,
  { token, signal, report }: ApplyUse,
): Promise<Outcome> {
  let seen = started;
  let told = 0;
  let limit = signal;
  for (let looks = 1; seen.state === "running"; looks += 1) {
    if (limit.aborted) {
      if (limit !== signal || signal.reason !== CANCELLED || kind.stopsWithin === null)
        return { kind: "unknown", reason: "it was still under way when the time was up" };
      limit = AbortSignal.timeout(kind.stopsWithin);
      await stop(where, token, limit).catch(() => undefined); // its end is looked for all the same
    }
    await new Promise((resolve) => setTimeout(resolve, POLL));
    try {
      seen = (await operationOf(where, token, limit)) ?? seen;
    } catch {
      if (limit.aborted && limit === signal) continue; // what that means is said above
      return { kind: "unknown", reason: "the supervisor stopped answering while it was under way" };
    }
    if (kind.every === 0 || looks % kind.every === 0) told = tell(seen, told, kind.every === 0 ? Infinity : 1, report);
  }
  tell(seen, told, kind.every === 0 ? Infinity : LAST_LINES, report);
  if (seen.state === "done") return { kind: "done", summary: "the supervisor says that it is done" };
  return kind.failed(seen.message ?? "no reason given");
}

/** Tells the newest of what was not told yet; how many lines there were by then. */
function tell(
  { progress, dropped }: FleetOperation,
  told: number,
  most: number,
  report: (line: string) => void,
): number {
  const fresh = progress.slice(Math.max(0, told - dropped));
  for (const { text } of fresh.slice(-Math.min(most, fresh.length || 1))) report(text);
  return dropped + progress.length;
}
