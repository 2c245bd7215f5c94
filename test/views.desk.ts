import type { Desk } from "../src/domain/board/desk.ts";
import { NAMES, NOW, SERVICE, at, item, operation } from "./views.values.ts";

/** What Ben sees first in that night. */
export function desk(changes: Partial<Desk> = {}): Desk {
  return {
    now: NOW,
    names: NAMES,
    catalog: { services: { shop: SERVICE }, people: {} },
    viewer: "ben",
    mine: [
      item({
        id: 140,
        severity: "warning",
        summary: "certificate runs out in 6 days",
        owner: { person: "ben" },
        ownedSince: at("01:30"),
        dueAt: at("01:00"),
      }),
    ],
    mineCount: 1,
    aside: [],
    asideCount: 0,
    done: [],
    busy: [],
    unowned: [item()],
    unownedCount: 1,
    waiting: [operation()],
    waitingCount: 1,
    windows: [],
    theirs: new Set([140, item().id]),
    mayAct: true,
    ...changes,
  };
}
