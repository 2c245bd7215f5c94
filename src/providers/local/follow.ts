import { operationOf, stop, type FleetOperation, type Settings } from "./supervisor.ts";
import { CANCELLED, type ApplyUse, type Outcome } from "../provider.ts";

/** Follows an operation that the supervisor took until it ends, and passes on what it says of it. */

/** How what is followed ends. */
type Kind = {
  /** ms that it may take to stop once a person asked for it; null where it cannot be stopped. */
  readonly stopsWithin: number | null;
  failed(message: string): Outcome;
};

/** A change of the application: a few lines, taken back where it fails. */
export const CHANGE: Kind = {
  stopsWithin: null,
  failed: (message) => ({ kind: "refused", reason: `it failed and was taken back: ${message}` }),
};

/** A task, which says as much as it likes, and of which nothing is taken back. */
export const TASK: Kind = {
  stopsWithin: 20_000,
  failed: (reason) => ({ kind: "failed", reason }),
};

const POLL = 200; // ms between two looks at an operation under way

export async function follow(
  where: Settings,
  started: FleetOperation,
  kind: Kind,
  { token, signal, report }: ApplyUse,
): Promise<Outcome> {
  let seen = started;
  let told = 0;
  let limit = signal;
  while (seen.state === "running") {
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
    told = tell(seen, told, report);
  }
  tell(seen, told, report);
  if (seen.state === "done") return { kind: "done", summary: "the supervisor says that it is done" };
  return kind.failed(seen.message ?? "no reason given");
}

/** Tells what was not told yet; how many lines there were by then. */
function tell({ progress, dropped }: FleetOperation, told: number, report: (line: string) => void): number {
  const missed = dropped - told;
  if (missed > 0) report(gap(missed));
  for (const { text } of progress.slice(Math.max(0, -missed))) report(text);
  return dropped + progress.length;
}

/** All that the supervisor still has of what was printed. */
export function printed({ progress, dropped }: FleetOperation): string[] {
  return [...(dropped === 0 ? [] : [gap(dropped)]), ...progress.map(({ text }) => text)];
}

function gap(lines: number): string {
  return `… ${lines} ${lines === 1 ? "line was" : "lines were"} printed here and not kept`;
}
