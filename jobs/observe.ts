import { subSeconds } from "../src/domain/time.ts";
import type { App } from "../src/app.ts";
import type { Looked } from "../src/checking.ts";
import { dependenciesOf, type Service, type Target } from "../src/domain/catalog.ts";
import type { Observation } from "../src/domain/observation.ts";
import { Expected } from "../src/errors.ts";
import { keepObservation, keepProblem, staleTargets } from "../src/observing.ts";
import { providerNamed } from "../src/providers/index.ts";
import { redacted } from "../src/redaction.ts";

/** Has providers observe targets: for the checks of a batch, and so that cards show no old state. */

const DEADLINE = 30_000; // ms that one observation may take
const REFRESH = 20; // seconds after which a target is observed again while its service's checks run

/** Observes a target, or shares what another check of the batch is asking already. */
export type Observe = (target: Target) => Promise<Observation>;

/** One call per target, shared by whoever asks for it; what it saw is kept. */
export function sharedObservations(app: App, signal: AbortSignal): Observe {
  const shared = new Map<string, Promise<Observation>>();
  return (target) => {
    const known = shared.get(target.key) ?? observeTarget(app, target, signal);
    shared.set(target.key, known);
    return known;
  };
}

async function observeTarget(app: App, target: Target, signal: AbortSignal): Promise<Observation> {
  try {
    const seen = await providerNamed(target.provider).observe(
      target,
      AbortSignal.any([signal, AbortSignal.timeout(DEADLINE)]),
    );
    return await keepObservation(app, target, seen);
  } catch (error) {
    await keepProblem(
      app,
      target.key,
      error instanceof Expected ? redacted(error.message) : "the provider broke; the log has why",
    );
    throw error;
  }
}

/**
 * Observes the services' targets again where what cards and `status` show has grown old. Where a check found something
 * critical it is done at once, with whatever the service depends on, so that the new card can say what changed just before.
 */
export async function refreshTargets(
  app: App,
  services: readonly Service[],
  looked: readonly Looked[],
  observe: Observe,
): Promise<void> {
  const troubled = new Set(
    looked.filter(({ reading }) => reading.level === "critical").map(({ spec }) => spec.service),
  );
  const { catalog } = app.inForce();
  const needed = services
    .filter((service) => troubled.has(service.key))
    .flatMap((service) => dependenciesOf(catalog, service));
  const urgent = new Set([...troubled, ...needed.map((service) => service.key)]);
  const targets = [...new Set([...services, ...needed])].flatMap((service) => service.targets);
  if (targets.length === 0) return;
  const stale = await staleTargets(
    app,
    targets.map((target) => target.key),
    subSeconds(app.now(), REFRESH),
  );
  const wanted = targets.filter((target) => stale.has(target.key) || urgent.has(target.service));
  const results = await Promise.allSettled(wanted.map(observe));
  for (const result of results) {
    if (result.status === "rejected" && !(result.reason instanceof Expected))
      app.log.warn({ err: result.reason as unknown }, "a target could not be observed");
  }
}
