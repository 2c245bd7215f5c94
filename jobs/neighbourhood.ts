import type { InForce } from "../src/in-force.ts";
import type { Neighbourhood } from "../src/checks/check.ts";
import type { Target } from "../src/domain/catalog.ts";
import { unnamed } from "../src/domain/found.ts";
import { Invalid } from "../src/errors.ts";
import { dutiesOf } from "../src/ownership.ts";
import { providerNamed } from "../src/providers/index.ts";

/** What runs where a target is, and who of it nobody answers for. @throws Invalid | Unavailable */
export async function neighbourhood(inForce: InForce, target: Target, signal: AbortSignal): Promise<Neighbourhood> {
  const { name, discovery } = providerNamed(target.provider);
  if (discovery === undefined) throw new Invalid(`${name} cannot say what it runs.`);
  const settings = target.settings as Readonly<Record<string, unknown>>;
  const parts = Object.keys(discovery.place.shape).filter((part) => settings[part] !== undefined);
  const place = Object.fromEntries(parts.map((part) => [part, settings[part]]));
  const found = await discovery.list(place, signal);
  const owned = Object.values(inForce.catalog.services).filter(
    (service) => Object.keys(dutiesOf(inForce, service)).length > 0,
  );
  const targets = owned.flatMap((service) => service.targets).filter((each) => each.provider === name);
  return {
    place: [name, ...Object.entries(place).map(([part, value]) => `${part}=${written(value)}`)].join(" "),
    count: found.length,
    unowned: unnamed(found, targets, discovery.isSame),
  };
}

/** As a shell takes it as one word. */
function written(value: unknown): string {
  return typeof value === "string" ? value : `'${JSON.stringify(value)}'`;
}
