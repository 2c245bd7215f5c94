import type { App } from "../src/app.ts";
import type { Processor } from "../src/queues.ts";
import { claimed, takeReadings, type Claimed, type Looked } from "../src/checking.ts";
import { checkNamed } from "../src/checks/index.ts";
import type { KeptSessions } from "../src/checks/kept-sessions.ts";
import { readSecret } from "../src/secret.ts";
import type { CheckSpec, Service, Target } from "../src/domain/catalog.ts";
import type { Reading } from "../src/domain/reading.ts";
import { Expected, Invalid } from "../src/errors.ts";
import { redactedIn } from "../src/redaction.ts";
import { dutiesOf, reachableParties } from "../src/ownership.ts";
import { groupCommit } from "../src/group-commit.ts";
import { openWorkQueue } from "../src/work-queue.ts";
import { failed, note, traced } from "../src/telemetry/trace.ts";
import { inParts } from "./in-parts.ts";
import { neighbourhood } from "./neighbourhood.ts";
import { refreshTargets, sharedObservations, type Observe } from "./observe.ts";

const DEADLINE = 30_000; // ms that one look may take
const AT_ONCE = 400; // looks under way, and readings written in one transaction
const PART = 1_000; // ms after which readings are written without those that take longer: the claim of the batch runs out

/**
 * Runs batches of claimed checks, all checks of a batch at once. Batches that come together are read together, and their
 * readings are written together, except for those that take long.
 */
export function openLooking(app: App, sessions: KeptSessions): Processor {
  const reading = groupCommit((batches: readonly number[]) => claimed(app, batches));
  const writing = groupCommit(
    async (batches: readonly (readonly Looked[])[]) => {
      await takeReadings(app, batches.flat());
      return batches.map(() => undefined);
    },
    { most: AT_ONCE, size: (looked) => looked.length },
  );
  const queue = openWorkQueue(() => AT_ONCE);
  return async (batch, signal) => {
    const work = await reading(batch);
    const means = meansOf(app, sessions, signal);
    const looks = work.map((each) => queue.take(async () => (isOver(app, each) ? null : lookOnce(app, each, means))));
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
      means.observe,
    );
  };
}

/** Whether a check waited so long for its turn that its claim ran out: it is another batch's by now. */
function isOver(app: App, { check }: Claimed): boolean {
  return check.claimedUntil !== null && check.claimedUntil <= app.now();
}

/** What all looks of a batch share. */
export type Means = {
  readonly observe: Observe;
  readonly sessions: KeptSessions;
  readonly signal: AbortSignal;
  readonly reachable: () => ReadonlySet<string>;
};

export function meansOf(app: App, sessions: KeptSessions, signal: AbortSignal): Means {
  const reachable = once(() => reachableParties(app.inForce(), app.now()));
  return { observe: sharedObservations(app, signal), sessions, signal, reachable };
}

/** Looks once. A look that fails has a reading too: `unknown`. */
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
      observe: () => means.observe(targetOf(service, spec)),
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

/** The reading of a look that failed; it counts neither as well nor as ill. */
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
