import type { App } from "../app.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import type { Handover, OnCall } from "../domain/board/on-call.ts";
import type { Service } from "../domain/catalog.ts";
import type { Actor } from "../domain/actor.ts";
import { textOf } from "../domain/json-object.ts";
import type { Rotation } from "../domain/rotation.ts";
import type { InForce } from "../in-force.ts";
import { dutiesOfRotation } from "../on-call/handing-over.ts";
import { turnOf } from "../on-call/rotations.ts";
import { dutiesOf } from "../ownership.ts";
import { openItems } from "./open-items.ts";

/** Reads who is on call, and what is handed over. */

/** Who is on call now: of one rotation, for one service, or all there are. */
export function onCall(app: App, viewer: Actor | null, of: Rotation | Service | null): OnCall {
  const inForce = app.inForce();
  const { rotations = {}, services } = inForce.catalog;
  const isService = of !== null && "checks" in of;
  const shown = of === null ? Object.values(services) : [of].filter((each) => "checks" in each);
  const duties = shown.map((service) => ({
    service: service.key,
    duty: dutiesOf(inForce, service)["on-call"] ?? null,
  }));
  const turning = new Set(duties.flatMap(({ duty }) => (duty !== null && "rotation" in duty ? [duty.rotation] : [])));
  return {
    now: app.now(),
    viewer: viewer?.person ?? null,
    rotations: Object.values(rotations)
      .filter(({ key }) => of === null || (isService ? turning.has(key) : key === of.key))
      .map((rotation) => standing(inForce, rotation, app.now())),
    others: duties.filter(({ duty }) => duty === null || !("rotation" in duty)),
  };
}

/** A rotation as it stands: who, until when, who follows, and what was said over the plan. */
function standing(inForce: InForce, rotation: Rotation, now: Date): OnCall["rotations"][number] {
  const { key, name, members } = rotation;
  return {
    name,
    services: [...new Set(dutiesOfRotation(inForce, key).map(({ service }) => service))],
    turn: turnOf(inForce, rotation, now),
    said: inForce.standins.filter(
      ({ kind, rotation: of, person, endsAt }) =>
        endsAt > now && (of === key || (kind === "away" && members.includes(person))),
    ),
  };
}

const HANDED_OVER_SHOWN = 10;

/** What a hand-over says, with what is open now. */
export async function readHandover(app: App, { detail }: EventLine): Promise<Handover> {
  const inForce = app.inForce();
  const key = textOf(detail["rotation"]) ?? "";
  const services = [...new Set(dutiesOfRotation(inForce, key).map(({ service }) => service))];
  const until = textOf(detail["until"]);
  const { items, count } =
    services.length === 0 ? { items: [], count: 0 } : await openItems(app, { services }, HANDED_OVER_SHOWN);
  return {
    now: app.now(),
    name: inForce.catalog.rotations?.[key]?.name ?? key,
    from: textOf(detail["from"]),
    to: textOf(detail["to"]),
    until: until === null ? null : new Date(until),
    by: textOf(detail["by"]),
    items,
    count,
  };
}
