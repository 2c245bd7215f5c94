import type { InForce } from "../src/in-force.ts";
import type { Neighbourhood } from "../src/checks/check.ts";
import type { Target } from "../src/domain/catalog.ts";
import { placeOf, unnamed } from "../src/domain/discovered.ts";
import { Invalid } from "../src/errors.ts";
import { dutiesOf } from "../src/ownership.ts";
import { providerNamed } from "../src/providers/index.ts";

/** What runs where a target is, and who of it nobody answers for. @throws Invalid | Unavailable */
export async function neighbourhood(inForce: InForce, target: Target, signal: AbortSignal): Promise<Neighbourhood> {
  const { name, discovery } = providerNamed(target.provider);
  if (discovery === undefined) throw new Invalid(`${name} cannot say what it runs.`);
  const found = await discovery.list(placeOf(target, Object.keys(discovery.place.shape)), signal);
  const owned = Object.values(inForce.catalog.services).filter(
    (service) => Object.keys(dutiesOf(inForce, service)).length > 0,
  );
  const targets = owned.flatMap((service) => service.targets).filter((each) => each.provider === name);
  return {
    place: `${name} beside=${target.key}`,
    count: found.length,
    unowned: unnamed(found, targets, discovery.isSame),
  };
}
