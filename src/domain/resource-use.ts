import type { Plan } from "./action.ts";
import type { ProcessFacts } from "./catalog.ts";

/** What a change of size takes beside time: database connections of those that are free, and money. */

/** The connections of a database, as its check saw them last. */
export type Room = { readonly database: string; readonly used: number; readonly usable: number };

export type Uses = {
  readonly words: readonly string[];
  /** Whether it may open more connections than a database has free. */
  readonly overfills: boolean;
};

const NO_USES: Uses = { words: [], overfills: false };

export function usesOf(plan: Counted, processes: Readonly<Record<string, ProcessFacts>>, rooms: readonly Room[]): Uses {
  const moves = movesOf(plan);
  const added = moves.filter(({ by }) => by > 0);
  if (moves.length === 0) return NO_USES;
  const unknown = added.filter(({ process }) => processes[process]?.connections === undefined);
  const opened = added.reduce((sum, { process, by }) => sum + by * (processes[process]?.connections ?? 0), 0);
  const counted = rooms.flatMap((room) => ofRoom(room, opened, unknown));
  return {
    words: [...(added.length === 0 ? [] : counted.map(({ words }) => words)), ...money(moves, processes)],
    overfills: counted.some(({ overfills }) => overfills),
  };
}

type Move = { readonly process: string; readonly by: number };

type Counted = Pick<Plan, "action" | "arguments" | "changes" | "unit">;

function movesOf({ action, arguments: { sizes = {} }, changes, unit }: Counted): Move[] {
  if (action !== "scale" || unit !== undefined) return [];
  const moves = new Map<string, number>();
  for (const bound of Object.keys(sizes)) {
    const [before = 0, after = 0] = (changes[bound] ?? []).map(Number);
    // Of an autoscaler's two bounds, whichever moves further.
    const process = bound.replace(/\.(min|max)$/, "");
    const by = Math.abs(after - before) > Math.abs(moves.get(process) ?? 0) ? after - before : moves.get(process);
    if (by !== undefined) moves.set(process, by);
  }
  return [...moves].flatMap(([process, by]) => (by === 0 ? [] : [{ process, by }]));
}

function ofRoom({ database, used, usable }: Room, opened: number, unknown: readonly Move[]) {
  const free = Math.max(0, usable - used);
  const overfills = opened > free;
  const has = `${database} has ${free} of ${usable} connections free`;
  if (opened > 0)
    return [{ words: `up to ${opened} more connections; ${has}${overfills ? ", which is too few" : ""}`, overfills }];
  // Everybody knows of what opens none; where it is not said, the room alone may tell.
  return unknown.length === 0
    ? []
    : [{ words: `connections, and the catalog does not say how many; ${has}`, overfills }];
}

function money(moves: readonly Move[], processes: Readonly<Record<string, ProcessFacts>>): string[] {
  const sums = new Map<string, number>();
  for (const { process, by } of moves) {
    const monthly = processes[process]?.monthly;
    if (monthly !== undefined) sums.set(monthly.currency, (sums.get(monthly.currency) ?? 0) + by * monthly.amount);
  }
  return [...sums].flatMap(([currency, sum]) => {
    if (sum === 0) return [];
    const amount = Number.isInteger(sum) ? Math.abs(sum) : Math.abs(sum).toFixed(2);
    return [`about ${amount} ${currency} a month ${sum > 0 ? "more" : "less"}`];
  });
}
