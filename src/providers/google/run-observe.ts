import type { Target } from "../../domain/catalog.ts";
import type { Observation, Release } from "../../domain/observation.ts";
import {
  countOf,
  isManual,
  isPinned,
  sharesOf,
  shortOf,
  troubleOf,
  unclearOf,
  versionOf,
  type Revision,
  type Service,
} from "./run-see.ts";
import { INSTANCES } from "./kind.ts";
import { told } from "../facts.ts";
import type { Unseen } from "../sight.ts";

/** A look at a Cloud Run service, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  unseen: "Revisions not seen",
  pinned: "Pinned",
  split: "Traffic",
  manual: "Exactly as many",
  most: "At most",
  newest: "Newest revision",
  under: "Under way",
  image: "Image",
  trouble: "Google says",
  address: "Address",
} as const;

const OFFERED = 100; // Google keeps up to a thousand

export function observation(
  target: Target,
  service: Service,
  { revisions, unseen }: { readonly revisions: readonly Revision[]; readonly unseen: Unseen },
): Observation {
  const [first] = sharesOf(service);
  const trouble = troubleOf(service);
  const troubled = first === undefined ? "down" : "degraded";
  const wanted = countOf(service);
  // How many run Google does not say here: a revision that is ready has what it needs.
  const there = first === undefined ? 0 : wanted;
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(service),
    ...(trouble === null ? calmOf(service) : { health: troubled, problem: problemOf(service) }),
    ...(first === undefined ? {} : { release: first[0] }),
    releases: releasesOf(service, revisions),
    sizes: [{ process: INSTANCES, wanted, running: there, healthy: there }],
    certificates: [],
    facts: { ...factsOf(service, trouble), ...unseen },
  };
}

function calmOf(service: Service): Pick<Observation, "health" | "problem"> {
  const unclear = unclearOf(service);
  return unclear === null ? { health: "ok" } : { health: "unknown", problem: unclear };
}

function problemOf(service: Service): string {
  const [serving] = sharesOf(service);
  const created = shortOf(service.latestCreatedRevision);
  const isNewest = service.latestCreatedRevision !== service.latestReadyRevision;
  const what = isNewest ? `revision ${created} did not become ready` : "Cloud Run could not do what it was told";
  return serving === undefined ? what : `${what}, and ${serving[0]} still serves`;
}

/** What can serve, the newest first. */
function releasesOf(service: Service, revisions: readonly Revision[]): Release[] {
  const serving = sharesOf(service).map(([name]) => name);
  return revisions
    .filter((each) => isReady(each) || serving.includes(shortOf(each.name)))
    .slice(0, OFFERED)
    .map(({ name, createTime, creator, containers }) => ({
      release: shortOf(name),
      createdAt: createTime,
      ...(creator === undefined ? {} : { createdBy: creator }),
      summary: containers.map(({ image }) => imageOf(image)).join(", "),
    }));
}

function isReady({ conditions }: Revision): boolean {
  return conditions.some(({ type, state }) => type === "Ready" && state === "CONDITION_SUCCEEDED");
}

/** "shop:v142", or "shop@sha256:0123456789ab": without where it lies. */
function imageOf(image: string): string {
  return shortOf(image).replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1");
}

function factsOf(service: Service, trouble: string | null): Observation["facts"] {
  const shares = sharesOf(service);
  const [first] = shares;
  const created = shortOf(service.latestCreatedRevision);
  const { maxInstanceCount: most } = service.scaling;
  return told([
    [FACT.pinned, isPinned(service) && "what is deployed gets no traffic by itself"],
    [FACT.split, shares.length > 1 && shares.map(([name, percent]) => `${percent} % ${name}`).join(", ")],
    [FACT.manual, isManual(service) && "whatever the traffic"],
    [FACT.most, most !== undefined && most > 0 && `${most}`],
    [FACT.newest, created !== first?.[0] && created],
    [FACT.under, service.reconciling && "Cloud Run is still at the last change"],
    [FACT.image, service.template.containers.map(({ image }) => image).join(", ")],
    [FACT.trouble, trouble ?? undefined],
    [FACT.address, service.uri],
  ]);
}
