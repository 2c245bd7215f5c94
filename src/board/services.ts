import type { App } from "../app.ts";
import type { ServiceOwners, ServiceStatus } from "../domain/board/service.ts";
import type { Service } from "../domain/catalog.ts";
import { describeDuty } from "../domain/duty.ts";
import { dutiesOf } from "../ownership.ts";
import { checksOfService } from "../store/checks.ts";
import { observationsOf } from "../store/observations.ts";
import { countUnfinished, doneOf, unfinishedOf } from "../store/operations.ts";
import { windowsOver } from "../store/windows.ts";
import { openItems } from "./open-items.ts";
import { lineOf } from "./windows.ts";

/** The reading door's answers about one service. */

/** Who answers for a service, and what of that was said in Slack. */
export function serviceOwners(app: App, service: Service): ServiceOwners {
  const inForce = app.inForce();
  const changes = inForce.overrides.filter((each) => each.service === service.key);
  return {
    service,
    duties: dutiesOf(inForce, service),
    changes: changes.map(({ responsibility, to, covered, madeBy, madeAt }) => ({
      responsibility,
      now: describeDuty(to ?? undefined) ?? "nobody",
      catalog: covered ?? "nobody",
      by: madeBy,
      at: madeAt,
    })),
  };
}

export async function serviceStatus(app: App, service: Service): Promise<ServiceStatus> {
  const checks = await checksOfService(app.db, service.key);
  const observed = await observationsOf(
    app.db,
    service.targets.map((target) => target.key),
  );
  const open = await openItems(app, { services: [service.key] }, 10);
  const operations = await unfinishedOf(app.db, service.key, 5);
  const on = { environment: service.environment, service: service.key };
  return {
    service,
    observations: observed.flatMap((each) => each.body ?? []),
    readings: checks.map((check) => ({ key: check.key, reading: check.reading, at: check.lookedAt })),
    items: open.items,
    itemsCount: open.count,
    operations,
    operationsCount: operations.length < 5 ? operations.length : await countUnfinished(app.db, service.key),
    done: await doneOf(app.db, service.key, 3),
    duties: dutiesOf(app.inForce(), service),
    freezes: await windowsOver(app.db, "freeze", on, app.now()),
    maintenance: (await windowsOver(app.db, "maintenance", on, app.now())).map(lineOf),
  };
}
