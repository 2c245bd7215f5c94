import type { App } from "../app.ts";
import type { Neighbours } from "../domain/board/surroundings.ts";
import { dependenciesOf, type Catalog, type Service } from "../domain/catalog.ts";
import { checksOfServices, type StoredCheck } from "../store/checks.ts";

/** What else is not well at the same time, on a service and on what it depends on. */

const SHOWN = 2;

/** By the last readings, the gravest first and what has lasted longest before the rest; without the check `except`. */
export async function neighbours(app: App, service: Service, except: string): Promise<Neighbours> {
  const services = [service, ...dependenciesOf(app.inForce().catalog, service)];
  const looks = new Set(
    services.flatMap(({ checks }) => checks.filter(({ on }) => on !== "service").map(({ key }) => key)),
  );
  const ill = (
    await checksOfServices(
      app.db,
      services.map((each) => each.key),
    )
  ).filter((check) => looks.has(check.key) && check.key !== except && gravity(check) > 0);
  const shown = ill
    .toSorted((a, b) => gravity(b) - gravity(a) || onsetOf(a) - onsetOf(b))
    .slice(0, SHOWN)
    .map((check) => ({
      place: check.service === service.key ? null : nameOf(services, check.service),
      summary: check.reading?.summary ?? "",
    }));
  return { shown, more: ill.length - shown.length };
}

/** A look that could not be made says nothing about what it wanted to look at. */
function gravity({ reading }: StoredCheck): number {
  return { ok: 0, unknown: 0, warning: 1, critical: 2 }[reading?.level ?? "unknown"];
}

function onsetOf({ turnedAt, dueAt }: StoredCheck): number {
  return (turnedAt ?? dueAt).getTime();
}

function nameOf(services: readonly Service[], key: string): string {
  return services.find((each) => each.key === key)?.name ?? key;
}

/** Keys of the services whose cards tell what is wrong with this one: itself, and what needs it to work. */
export function tellingOf(catalog: Catalog, key: string): string[] {
  return Object.values(catalog.services)
    .filter((service) => service.key === key || dependenciesOf(catalog, service).some((each) => each.key === key))
    .map((service) => service.key);
}
