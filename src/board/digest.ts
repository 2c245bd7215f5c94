import type { App } from "../app.ts";
import type { DigestContent } from "../domain/board/digest.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import type { Catalog } from "../domain/catalog.ts";
import { addDays, subDays } from "../domain/time.ts";
import { namesOf } from "../people.ts";
import { recordHead } from "../record.ts";
import { digestBefore, type StoredDigest } from "../store/digests.ts";
import { eventsByNobody } from "../store/events.ts";
import {
  countByOwner,
  countOverdue,
  countUnresolved,
  dueBetween,
  oldestOfOwners,
  unresolved,
} from "../store/item-lists.ts";
import { noisiest } from "../store/noises.ts";
import { awaitingApproval, countAwaiting } from "../store/operations.ts";
import { windowsBefore } from "./windows.ts";

/** What the digest of a channel says: everything for the default channel, else the services whose channel it is. */
export async function readDigest(
  app: App,
  of: Pick<StoredDigest, "channel" | "zone" | "localDate">,
): Promise<DigestContent> {
  const inForce = app.inForce();
  const now = app.now();
  const services = servicesOf(inForce.catalog, of.channel);
  const [owned, open, decisions, ahead, head] = await Promise.all([
    byOwner(app, services), // takes longest
    openNow(app, services, now),
    decided(app, services, of),
    inAWeek(app, services, now),
    recordHead(app.db),
  ]);
  return {
    now,
    names: namesOf(inForce),
    zone: of.zone,
    localDate: of.localDate,
    ...open,
    ...owned,
    ...decisions,
    ...ahead,
    head,
  };
}

/** Of these services; undefined: of all, and of none. */
type Services = readonly string[] | undefined;
type Part<Key extends keyof DigestContent> = Promise<Pick<DigestContent, Key>>;

async function openNow(
  { db }: App,
  services: Services,
  now: Date,
): Part<"unowned" | "unownedCount" | "overdue" | "overdueCount" | "noisy"> {
  const [unowned, unownedCount, overdue, overdueCount, noisy] = await Promise.all([
    unresolved(db, { services, unowned: true }, 10),
    countUnresolved(db, { services, unowned: true }),
    dueBetween(db, services, { from: null, until: now }, 10),
    countOverdue(db, services, now),
    noisiest(db, subDays(now, 7), { services, least: OFTEN, limit: 5 }),
  ]);
  return { unowned, unownedCount, overdue, overdueCount, noisy };
}

async function byOwner({ db }: App, services: Services): Part<"owners" | "ownersCount" | "ownedCount"> {
  const owners = await countByOwner(db, services);
  const shown = owners.slice(0, OWNERS_SHOWN);
  const parties = shown.map((each) => each.owner);
  const oldest = await oldestOfOwners(db, parties, services, 3);
  return {
    owners: shown.map((each, index) => ({ ...each, oldest: oldest[index] ?? [] })),
    ownersCount: owners.length,
    ownedCount: owners.reduce((sum, { count }) => sum + count, 0),
  };
}

async function decided(
  { db, now }: App,
  services: Services,
  { channel, localDate }: Pick<StoredDigest, "channel" | "localDate">,
): Part<"waiting" | "waitingCount" | "alone"> {
  const since = (await digestBefore(db, channel, localDate))?.madeAt ?? subDays(now(), 1);
  const [waiting, waitingCount, alone] = await Promise.all([
    awaitingApproval(db, { services }, 20),
    countAwaiting(db, { services }),
    eventsByNobody(db, since, ["item.resolved", "operation.succeeded", "operation.expired"], services),
  ]);
  return { waiting, waitingCount, alone: alone.map(aloneSentence) };
}

async function inAWeek(app: App, services: Services, now: Date): Part<"comingUp" | "windows"> {
  const [comingUp, windows] = await Promise.all([
    dueBetween(app.db, services, { from: now, until: addDays(now, 7) }, 10),
    windowsBefore(app, services, addDays(now, 7)),
  ]);
  return { comingUp, windows };
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
    { "item.resolved": "resolved", "operation.succeeded": "done", "operation.expired": "not run in time" }[
      event.kind
    ] ?? event.kind;
  return typeof how === "string" ? `${what} ${verb}: ${how}` : `${what} ${verb}`;
}
