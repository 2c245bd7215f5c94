import { addDays } from "date-fns/addDays";
import { subDays } from "date-fns/subDays";
import type { App } from "./app.ts";
import type { DigestContent, EventLine } from "./domain/board.ts";
import { namesOf } from "./people.ts";
import { recordHead } from "./record.ts";
import { digestBefore, type StoredDigest } from "./store/digests.ts";
import { eventsByNobody } from "./store/events.ts";
import { countByOwner, countUnresolved, itemsOfOwner, unresolved } from "./store/items.ts";
import { awaitingApproval } from "./store/operations.ts";

/** The reading door of the digest: everything for the default channel, else the services whose channel it is. */
export async function digest(
  app: App,
  of: Pick<StoredDigest, "channel" | "zone" | "localDate">,
): Promise<DigestContent> {
  const now = app.now();
  const inForce = app.inForce();
  const services = Object.values(inForce.catalog.services)
    .filter((service) => of.channel === inForce.catalog.channel || service.channel === of.channel)
    .map((service) => service.key);
  const last = await digestBefore(app.db, of.channel, of.localDate);
  const [unowned, unownedCount, overdue, overdueCount, owners, waiting, alone, comingUp, head] = await Promise.all([
    unresolved(app.db, { services, unowned: true }, 10),
    countUnresolved(app.db, { services, unowned: true }),
    unresolved(app.db, { services, overdueAt: now }, 10),
    countUnresolved(app.db, { services, overdueAt: now }),
    countByOwner(app.db, services),
    awaitingApproval(app.db, services, 20),
    eventsByNobody(
      app.db,
      last?.madeAt ?? subDays(now, 1),
      ["item.resolved", "operation.succeeded", "operation.expired"],
      services,
    ),
    unresolved(app.db, { services, dueUntil: addDays(now, 7) }, 30),
    recordHead(app.db),
  ]);
  const listed = await Promise.all(
    owners.slice(0, 12).map(async (each) => ({
      ...each,
      oldest: each.owner === null ? [] : await itemsOfOwner(app.db, each.owner, services, 3),
    })),
  );
  return {
    now,
    names: namesOf(inForce),
    zone: of.zone,
    localDate: of.localDate,
    unowned,
    unownedCount,
    overdue,
    overdueCount,
    owners: listed,
    waiting,
    alone: alone.map(aloneSentence),
    comingUp: comingUp
      .filter((each) => each.dueAt !== null && each.dueAt > now)
      .toSorted((a, b) => (a.dueAt?.getTime() ?? 0) - (b.dueAt?.getTime() ?? 0))
      .slice(0, 10),
    head,
  };
}

function aloneSentence(event: EventLine): string {
  const what = event.item === null ? `op-${event.operation ?? 0}` : `#${event.item}`;
  const how = event.detail["how"] ?? event.detail["outcome"];
  const verb =
    { "item.resolved": "resolved", "operation.succeeded": "done", "operation.expired": "not decided in time" }[
      event.kind
    ] ?? event.kind;
  return typeof how === "string" ? `${what} ${verb}: ${how}` : `${what} ${verb}`;
}
