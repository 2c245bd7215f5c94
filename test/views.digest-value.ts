import type { DigestContent } from "../src/domain/board/digest.ts";
import { NAMES, at, item, operation } from "./views.values.ts";

/** What the digest of that small shop says, for the views' tests. */

export function digest(changes: Partial<DigestContent> = {}): DigestContent {
  return {
    now: at("08:00"),
    names: NAMES,
    zone: "Europe/Berlin",
    localDate: "2026-11-23",
    unowned: [item(), item({ id: 152, service: null, severity: "warning", summary: "the catalog has 2 mistakes" })],
    unownedCount: 14,
    overdue: [
      item({
        id: 120,
        summary: "backup never restored",
        severity: "warning",
        owner: { team: "web" },
        dueAt: new Date("2026-11-20T08:00:00Z"),
      }),
    ],
    overdueCount: 1,
    owners: [
      {
        owner: { team: "web" },
        count: 3,
        critical: 1,
        oldest: [item({ id: 120, since: new Date("2026-10-01T08:00:00Z"), summary: "backup never restored" })],
      },
      {
        owner: { person: "ana" },
        count: 1,
        critical: 0,
        oldest: [item({ id: 140, summary: "certificate runs out in 6 days" })],
      },
    ],
    ownersCount: 2,
    ownedCount: 4,
    waiting: [operation()],
    waitingCount: 1,
    alone: ["took back op-12: web 4 → 2", "resolved #139 of shop: its check passes again"],
    windows: [],
    comingUp: [
      item({
        id: 140,
        summary: "certificate runs out in 6 days",
        owner: { person: "ana" },
        dueAt: new Date("2026-11-29T08:00:00Z"),
      }),
    ],
    noisy: [],
    head: "3f2a91c04b7d",
    ...changes,
  };
}
