import { subSeconds } from "../src/domain/time.ts";
import type { App } from "../src/app.ts";
import type { Processor } from "../src/queues.ts";
import {
  claimed,
  keepObservation,
  keepProblem,
  observe,
  staleTargets,
  type Claimed,
  type Looked,
} from "../src/checking.ts";
import { checkNamed } from "../src/checks/index.ts";
import type { KeptSessions } from "../src/checks/kept-sessions.ts";
import { readSecret } from "../src/secret.ts";
import { dependenciesOf, type CheckSpec, type Service, type Target } from "../src/domain/catalog.ts";
import type { Observation } from "../src/domain/observation.ts";
import type { Reading } from "../src/domain/reading.ts";
import { Expected, Invalid } from "../src/errors.ts";
import { redacted, redactedIn } from "../src/redaction.ts";
import { dutiesOf, reachableParties } from "../src/ownership.ts";
import { providerNamed } from "../src/providers/index.ts";
import { groupCommit } from "../src/group-commit.ts";
import { failed, note, traced } from "../src/telemetry/trace.ts";
import { limitConcurrency } from "./concurrency.ts";
import { inParts } from "./in-parts.ts";
import { neighbourhood } from "./neighbourhood.ts";

const DEADLINE = 30_000; // ms that one look may take
const AT_ONCE = 400; // looks under way, and readings written in one transaction
const PART = 1_000; // ms that the readings of a batch wait for its slower ones; its claim runs out while some of them hang
const REFRESH = 20; // seconds after which a target is looked at again while its service's checks run

/**
 * Runs batches of claimed checks, the checks of each side by side. Batches that come together are read together, and their
 * readings are written together, except those of what takes long.
 */
export function openLooking(app: App, sessions: KeptSessions): Processor {
  const reading = groupCommit((batches: readonly number[]) => claimed(app, batches));
  const writing = groupCommit(
    async (batches: readonly (readonly Looked[])[]) => {
      await observe(app, batches.flat());
      return batches.map(() => undefined);
    },
    { most: AT_ONCE, size: (looked) => looked.length },
  );
  const limited = limitConcurrency(AT_ONCE);
  return async (batch, signal) => {
    const work = await reading(batch);
    const means = meansOf(app, sessions, signal);
    const looks = work.map((each) => limited(async () => (isOver(app, each) ? null : lookOnce(app, each, means))));
    const looked: Looked[] = [];
    for await (const part of inParts(looks, PART)) {
      if (signal.aborted) return; // we are stopping: these looks say nothing, and the claim makes the checks due again
      const seen = part.filter((each) => each !== null);
      await writing(seen);
      looked.push(...seen);
    }
    await refreshTargets(
      app,
      work.map((each) => each.service),
      looked,
      means.observing,
    );
  };
}

/** Whether a check waited so long for its turn that it is due again, and another batch's. */
function isOver(app: App, { check }: Claimed): boolean {
  return check.claimedUntil !== null && check.claimedUntil <= app.now();
}

/** What all looks of a batch share. */
export type Means = {
  readonly observing: Observers;
  readonly sessions: KeptSessions;
  readonly signal: AbortSignal;
  readonly reachable: () => ReadonlySet<string>;
};

export function meansOf(app: App, sessions: KeptSessions, signal: AbortSignal): Means {
  const reachable = once(() => reachableParties(app.inForce(), app.now()));
  return { observing: observers(app, signal), sessions, signal, reachable };
}

/** One look of one check; what it could not see is a reading too. */
export function lookOnce(app: App, claim: Claimed, means: Means): Promise<Looked> {
  const facts = { "daytwo.check": claim.spec.key, "daytwo.service": claim.service.key };
  return traced(`look ${claim.spec.check}`, facts, async () => {
    const looked = await lookWith(app, claim, means);
    note({ "daytwo.reading": looked.reading.level });
    return looked;
  });
}

async function lookWith(app: App, { spec, service, check }: Claimed, means: Means): Promise<Looked> {
  const deadline = once(() => AbortSignal.any([means.signal, AbortSignal.timeout(DEADLINE)]));
  try {
    const kind = checkNamed(spec.check);
    if (kind === undefined) throw new Invalid(`there is no check called ${spec.check}`);
    const reading = await kind.look({ spec, service }, spec.settings, {
      now: app.now(),
      since: check.appearedAt,
      reach: service.added === undefined ? null : app.reach,
      get signal() {
        return deadline();
      },
      observe: () => means.observing(targetOf(service, spec)),
      neighbourhood: () => neighbourhood(app.inForce(), targetOf(service, spec), deadline()),
      secret: readSecret,
      sessions: means.sessions,
      get duties() {
        return dutiesOf(app.inForce(), service);
      },
      get reachable() {
        return means.reachable();
      },
    });
    return { spec, check, reading: redactedIn(reading) };
  } catch (error) {
    failed(error);
    return { spec, check, reading: redactedIn(unknownFor(app, spec, error, deadline())) };
  }
}

/** Worked out when it is first asked for. */
function once<Value extends object>(work: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= work());
}

/** A look that could not be made says so; it never counts as well or ill. */
function unknownFor(app: App, spec: CheckSpec, error: unknown, deadline: AbortSignal): Reading {
  if (error instanceof Expected) return { level: "unknown", summary: error.message.replace(/\.$/, ""), evidence: {} };
  if (deadline.aborted) return { level: "unknown", summary: `no result within ${DEADLINE / 1000} s`, evidence: {} };
  app.log.error({ err: error, check: spec.key }, "a check broke");
  return { level: "unknown", summary: "the check itself broke; the log has why", evidence: {} };
}

function targetOf(service: Service, spec: CheckSpec): Target {
  const target = service.targets.find((each) => each.key === spec.target);
  if (target === undefined) throw new Invalid(`${spec.key} has no target to look at`);
  return target;
}

type Observers = (target: Target) => Promise<Observation>;

/** One call per target and batch, shared by all checks of it, and kept. */
function observers(app: App, signal: AbortSignal): Observers {
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
 * Keeps what cards and `status` show no older than the checks beside it; where something is wrong it is looked at at
 * once, with what it depends on, so that the card which opened can tell what changed just before.
 */
async function refreshTargets(
  app: App,
  services: readonly Service[],
  looked: readonly Looked[],
  observing: Observers,
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
  const results = await Promise.allSettled(wanted.map(observing));
  for (const result of results) {
    if (result.status === "rejected" && !(result.reason instanceof Expected))
      app.log.warn({ err: result.reason as unknown }, "a target could not be observed");
  }
}
