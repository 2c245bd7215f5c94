/** The demo's tour: four things to do, and which events of the log do them, whoever did it from wherever. */

export const TOUR_LINES = ["take", "renew", "rollback", "digest"] as const;
export type TourLine = (typeof TOUR_LINES)[number];
export type LineState = "open" | "under way" | "done";
export type Tour = Readonly<Record<TourLine, LineState>>;

/** There is one tour in a database, and this is its number. */
export const TOUR = 1;
/** The service that the demo breaks and mends. */
export const TOUR_SERVICE = "shop";

/** What the buttons of the tour help with. */
export const TOUR_HELPS = ["take", "renew-cert", "bad-release", "rollback", "digest"] as const;
export type TourHelp = (typeof TOUR_HELPS)[number];

/** An event that the tour may look at: its kind, with the action or the change of the demo that it is about. */
export type Deed = { readonly event: number; readonly name: string };

type Moves = Partial<Record<TourLine, Partial<Record<LineState, LineState>>>>;

const AGAIN = { "under way": "open", done: "open" } as const;

/** A fresh fleet has a bad certificate again and no bad release; what was taken stays taken. */
const MOVES: Readonly<Record<string, Moves>> = {
  "item.taken": { take: { open: "done" } },
  "operation.succeeded renew-cert": { renew: { open: "done" } },
  "demo.changed bad-release": { rollback: { open: "under way" } },
  "operation.succeeded rollback": { rollback: { "under way": "done" } },
  "digest.read": { digest: { open: "done" } },
  "demo.changed reset": { renew: AGAIN, rollback: AGAIN },
};

/** The kinds of event that the tour looks at. */
export const TOUR_KINDS: readonly string[] = [
  ...new Set(Object.keys(MOVES).map((name) => name.slice(0, `${name} `.indexOf(" ")))),
];

const BEGINNING: Tour = { take: "open", renew: "open", rollback: "open", digest: "open" };

/** How far the tour is after these deeds, oldest first. */
export function tourAfter(deeds: readonly Deed[]): Tour {
  return deeds.reduce((tour, { name }) => moved(tour, MOVES[name] ?? {}), BEGINNING);
}

function moved(tour: Tour, moves: Moves): Tour {
  const next = TOUR_LINES.map((line) => [line, moves[line]?.[tour[line]] ?? tour[line]] as const);
  return Object.fromEntries(next) as Tour;
}

/** Whether the deeds among these events show on the tour. */
export function tourMovedBy(deeds: readonly Deed[], events: readonly number[]): boolean {
  const before = tourAfter(deeds.filter(({ event }) => !events.includes(event)));
  const after = tourAfter(deeds);
  return TOUR_LINES.some((line) => before[line] !== after[line]);
}

export function countDone(tour: Tour): number {
  return TOUR_LINES.filter((line) => tour[line] === "done").length;
}
