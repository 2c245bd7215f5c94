import type { App } from "./app.ts";
import { hoursOf } from "./escalating.ts";
import type { EventLine, Handover, ItemCard, OnCall } from "./domain/board.ts";
import type { Actor } from "./domain/permit.ts";
import type { Rotation } from "./domain/rotation.ts";
import { isWorkingTime } from "./domain/working-hours.ts";
import { dutiesOfRotation } from "./handing-over.ts";
import { turnOf } from "./on-call.ts";
import { escalationOf } from "./store/escalations.ts";
import { countUnresolved, unresolved, type StoredItem } from "./store/items.ts";

/** Reads who is on call, and whom items told. */

/** Rotations as they stand: who, until when, who follows, and what was said over the plan. */
export function onCall(app: App, rotations: readonly Rotation[], viewer: Actor | null): OnCall {
  const inForce = app.inForce();
  const now = app.now();
  return {
    now,
    viewer: viewer?.person ?? null,
    rotations: rotations.map((rotation) => ({
      name: rotation.name,
      services: [...new Set(dutiesOfRotation(inForce, rotation.key).map(({ service }) => service))],
      turn: turnOf(inForce, rotation, now),
      said: inForce.standins.filter(
        (each) =>
          each.endsAt > now &&
          (each.rotation === rotation.key || (each.kind === "away" && rotation.members.includes(each.person))),
      ),
    })),
  };
}

const HANDED_OVER_SHOWN = 10;

/** What a hand-over says, with what is open now. */
export async function handover(app: App, { detail }: EventLine): Promise<Handover> {
  const inForce = app.inForce();
  const key = textOf(detail["rotation"]) ?? "";
  const services = [...new Set(dutiesOfRotation(inForce, key).map(({ service }) => service))];
  const until = textOf(detail["until"]);
  const items = services.length === 0 ? [] : await unresolved(app.db, { services }, HANDED_OVER_SHOWN);
  return {
    now: app.now(),
    name: inForce.catalog.rotations?.[key]?.name ?? key,
    from: textOf(detail["from"]),
    to: textOf(detail["to"]),
    until: until === null ? null : new Date(until),
    by: textOf(detail["by"]),
    items,
    count: items.length < HANDED_OVER_SHOWN ? items.length : await countUnresolved(app.db, { services }),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Whom an open item told, and whether it was opened when what can wait calls nobody. */
export async function escalationLine(app: App, item: StoredItem): Promise<Pick<ItemCard, "told" | "quiet">> {
  const { catalog } = app.inForce();
  const owner = item.owner !== null && "person" in item.owner ? item.owner.person : "";
  const hours = hoursOf(catalog, owner);
  const quiet = item.severity === "warning" && !isWorkingTime(hours, hours.zone, item.openedAt);
  if (item.state !== "open" || item.acknowledgedBy !== null) return { quiet };
  const escalation = await escalationOf(app.db, item.id);
  if (escalation === null || escalation.toldAt === null) return { quiet };
  return { quiet, told: { people: escalation.told, nextAt: escalation.dueAt } };
}
