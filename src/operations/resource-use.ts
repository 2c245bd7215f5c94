import { subMinutes } from "../domain/time.ts";
import type { Db } from "../db/sql.ts";
import type { Plan } from "../domain/action.ts";
import { dependenciesOf, type Catalog, type Service } from "../domain/catalog.ts";
import { withSteps } from "../domain/sequence.ts";
import { usesOf, type Room } from "../domain/resource-use.ts";
import { checksOfServices } from "../store/checks.ts";

/** Minutes for which a check's figures are counted with. */
const FRESH = 15;

/** The plan with what it costs. One that may open more connections than a database has free is risky, however small. */
export async function withUses(
  db: Db,
  catalog: Catalog,
  key: string | undefined,
  plan: Plan,
  now: Date,
): Promise<Plan> {
  const service = key === undefined ? undefined : catalog.services[key];
  if (service === undefined) return plan;
  if (plan.steps !== undefined)
    return withSteps(plan, await Promise.all(plan.steps.map((step) => withUses(db, catalog, key, step, now))));
  const target = service.targets.find(({ key }) => key === plan.target);
  const { words, overfills } = usesOf(plan, target?.processes ?? {}, await roomsOf(db, catalog, service, now));
  if (words.length === 0) return plan;
  return { ...plan, uses: words, risk: overfills && plan.risk === "low" ? "high" : plan.risk };
}

/** "the database of shop"; of several, "the database of shop (main)". */
function nameOf(check: string, service: string): string {
  const name = check.split("/")[2];
  return `the database of ${service}${name === undefined ? "" : ` (${name})`}`;
}

/** The databases that a service and its dependencies are watched for, as they were seen lately. */
async function roomsOf(db: Db, catalog: Catalog, service: Service, now: Date): Promise<Room[]> {
  const services = [service, ...dependenciesOf(catalog, service)];
  const checks = await checksOfServices(
    db,
    services.map(({ key }) => key),
  );
  return checks.flatMap(({ key, service: of, reading, lookedAt }) => {
    const { used, usable } = reading?.figures ?? {};
    const isFresh = lookedAt !== null && lookedAt > subMinutes(now, FRESH);
    return used === undefined || usable === undefined || !isFresh ? [] : [{ database: nameOf(key, of), used, usable }];
  });
}
