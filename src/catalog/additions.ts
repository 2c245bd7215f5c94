import { certificateWatched, looksAt, watcherOf, type Addition } from "../domain/addition.ts";
import type { Catalog, Service } from "../domain/catalog.ts";
import { collectComplaints } from "./complaints.ts";
import { readService, type Kinds } from "./services.ts";

/**
 * A catalog with what was added in Slack laid over it, each as the file would have said it. One that the file declares
 * itself by now is left out, and so is a certificate that something else looks at already.
 */
export function withAdditions(catalog: Catalog, additions: readonly Addition[], kinds: Kinds): Catalog {
  return additions.reduce((all, addition) => {
    if (declaredIn(all, addition) !== undefined) return all;
    return { ...all, services: { ...all.services, [addition.service]: serviceOf(addition, all, kinds) } };
  }, catalog);
}

/** The service of a catalog that is, or watches, what was added. */
export function declaredIn({ services }: Pick<Catalog, "services">, addition: Addition): Service | undefined {
  const named = Object.hasOwn(services, addition.service) ? services[addition.service] : undefined;
  return named ?? watcherOf(services, addition.url);
}

function serviceOf(addition: Addition, catalog: Catalog, kinds: Kinds): Service {
  const { http, certificate } = looksAt(addition.url);
  const alone = certificate === undefined || certificateWatched(catalog.services, certificate.address);
  const checks = alone ? { http } : { http, certificate };
  const around = { kinds, people: [], teams: [], rotations: [], services: [], channel: catalog.channel };
  const complaints = collectComplaints();
  const service = readService(addition.service, { checks }, around, complaints);
  if (complaints.list.length > 0)
    throw new Error(`what was added as ${addition.service} cannot be read: ${complaints.list[0]?.message ?? ""}`);
  return { ...service, added: { by: addition.madeBy, at: addition.madeAt } };
}
