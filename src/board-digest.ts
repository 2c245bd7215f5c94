import { addDays, subDays } from "./domain/time.ts";
import type { App } from "./app.ts";
import type { DigestContent, EventLine } from "./domain/board.ts";
import type { Catalog } from "./domain/catalog.ts";
import { namesOf } from "./people.ts";
import { recordHead } from "./record.ts";
import { digestBefore, type StoredDigest } from "./store/digests.ts";
import { eventsByNobody } from "./store/events.ts";
import { countByOwner, countOverdue, countUnresolved, dueBetween, oldestOfOwners, unresolved } from "./store/items.ts";
import { noisiest } from "./store/noises.ts";
import { awaitingApproval, countAwaiting } from "./store/operations.ts";

/** What the digest of a channel says: everything for the default channel, else the services whose channel it is. */
export async function digest(
  app: App,
  of: Pick<StoredDigest, "channel" | "zone" | "localDate">,
): Promise<DigestContent> {
  const now = app.now();
  const inForce = app.inForce();
  const services = servicesOf(inForce.catalog, of.channel);
  const last = await digestBefore(app.db, of.channel, of.localDate);
  const [unowned, unownedCount, overdue, overdueCount, owners, waiting, waitingCount, alone, comingUp, noisy, head] =
    await Promise.all([
      unresolved(app.db, { services, unowned: true }, 10),
      countUnresolved(app.db, { services, unowned: true }),
      dueBetween(app.db, services, { from: null, until: now }, 10),
      countOverdue(app.db, services, now),
      countByOwner(app.db, services),
      awaitingApproval(app.db, { services }, 20),
      countAwaiting(app.db, { services }),
      eventsByNobody(
        app.db,
        last?.madeAt ?? subDays(now, 1),
        ["item.resolved", "operation.succeeded", "operation.expired"],
        services,
      ),
      dueBetween(app.db, services, { from: now, until: addDays(now, 7) }, 10),
      noisiest(app.db, subDays(now, 7), { services, least: OFTEN, limit: 5 }),
      recordHead(app.db),
    ]);
  const shown = owners.slice(0, OWNERS_SHOWN);
  const oldest = await oldestOfOwners(
    app.db,
    shown.map((each) => each.owner),
    services,
    3,
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
    owners: shown.map((each, index) => ({ ...each, oldest: oldest[index] ?? [] })),
    ownersCount: owners.length,
    ownedCount: owners.reduce((sum, { count }) => sum + count, 0),
    waiting,
    waitingCount,
    alone: alone.map(aloneSentence),
    comingUp,
    noisy,
    head,
  };
}

const OWNERS_SHOWN = 12;
const OFTEN = 3; // times in a week that something is called noise before the digest says so

/** Undefined for the default channel: there everything is said, also of services that left the catalog. */
function servicesOf({ channel, services }: Catalog, of: string): string[] | undefined {
  if (of === channel) return undefined;
  return Object.values(services).flatMap((service) => (service.channel === of ? [service.key] : []));
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
