import { silenceOf } from "../alerts/silences.ts";
import type { App } from "../app.ts";
import { item } from "../board.ts";
import type { ItemCard } from "../domain/board/item-card.ts";
import { serviceNameOf, type Service } from "../domain/catalog.ts";
import { personOf } from "../domain/duty.ts";
import { isHelpable, stormChannel } from "../domain/item.ts";
import { subDays } from "../domain/time.ts";
import { isWorkingTime } from "../domain/working-hours.ts";
import { NOISE_DAYS } from "../items/noise.ts";
import { hoursOf } from "../on-call/escalating.ts";
import { dutiesOf } from "../ownership.ts";
import { namesOf } from "../people.ts";
import { alertsOfItem } from "../store/alerts.ts";
import { escalationOf } from "../store/escalations.ts";
import { wellsOf } from "../store/flapping.ts";
import { foldedUnder, talliesOf } from "../store/folding.ts";
import type { StoredItem } from "../store/items.ts";
import { noiseOf } from "../store/noises.ts";
import { operationsOfItem } from "../store/operations.ts";
import { windowOver } from "../store/windows.ts";
import { fittingActions } from "./fitting.ts";
import { justBefore } from "./just-before.ts";
import { neighbours } from "./neighbours.ts";
import { lineOf } from "./windows.ts";

/** Reads the card of an item. */

export async function readItemCard(app: App, id: number): Promise<ItemCard> {
  const inForce = app.inForce();
  const found = await item(app, id);
  const service = found.service === null ? undefined : inForce.catalog.services[found.service];
  const operations = await operationsOfItem(app.db, id, 5);
  return {
    now: app.now(),
    names: namesOf(inForce),
    item: found,
    serviceName: serviceNameOf(inForce.catalog, found.service),
    duty: service === undefined ? null : (dutiesOf(inForce, service)[found.responsibility] ?? null),
    runbook: service?.runbook ?? null,
    dashboard: service?.dashboard ?? null,
    operations,
    maintenance: service === undefined ? null : await maintenanceOf(app, service),
    noise: found.state === "resolved" ? null : await noiseOf(app.db, found.fingerprint, subDays(app.now(), NOISE_DAYS)),
    fitting: service === undefined || !isHelpable(found) ? [] : await fittingActions(app, service, found),
    ...(found.origin === "alert" && found.state !== "resolved"
      ? { alerts: await alertsOfItem(app.db, found.fingerprint, found.since) }
      : {}),
    ...(await silenceOf(app, found)),
    ...(await escalationLine(app, found)),
    ...(await foldsOf(app, found)),
    ...(found.flappingSince === null
      ? {}
      : { flapped: (await wellsOf(app.db, [id], found.flappingSince)).get(id)?.length ?? 0 }),
    ...(await surroundingsOf(app, service, found)),
  };
}

/** What is worth looking for only while it is grave. */
async function surroundingsOf(
  app: App,
  service: Service | undefined,
  { severity, state, since, fingerprint }: StoredItem,
): Promise<Pick<ItemCard, "before" | "neighbours">> {
  if (service === undefined || severity !== "critical" || state === "resolved")
    return { before: null, neighbours: { shown: [], more: 0 } };
  return {
    before: await justBefore(app, service, since),
    neighbours: await neighbours(app, service, fingerprint),
  };
}

const FOLDED_SHOWN = 3;

async function foldsOf(app: App, item: StoredItem): Promise<Pick<ItemCard, "folds">> {
  if (item.state === "resolved" || item.severity !== "critical" || stormChannel(item) !== null) return {};
  const shown = await foldedUnder(app.db, item.id, FOLDED_SHOWN);
  if (shown.length === 0) return {};
  const tallies = await talliesOf(app.db, item.id);
  const { catalog } = app.inForce();
  return {
    folds: {
      open: tallies.reduce((sum, { open }) => sum + open, 0),
      shown: shown.map(({ id, service }) => ({ id, serviceName: serviceNameOf(catalog, service) })),
    },
  };
}

async function maintenanceOf(app: App, { key, environment }: Service): Promise<ItemCard["maintenance"]> {
  const found = await windowOver(app.db, "maintenance", { service: key, environment }, app.now());
  return found === null ? null : lineOf(found);
}

/** Whom an open item told, and whether it was opened when what can wait calls nobody. */
async function escalationLine(app: App, item: StoredItem): Promise<Pick<ItemCard, "told" | "quiet">> {
  const { catalog } = app.inForce();
  const owner = personOf(item.owner) ?? "";
  const hours = hoursOf(catalog, owner);
  const quiet = item.severity === "warning" && !isWorkingTime(hours, hours.zone, item.openedAt);
  if (item.state !== "open" || item.acknowledgedBy !== null) return { quiet };
  const escalation = await escalationOf(app.db, item.id);
  if (escalation === null || escalation.toldAt === null) return { quiet };
  return { quiet, told: escalation.told };
}
