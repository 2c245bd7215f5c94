import type { App } from "../src/app.ts";
import type { KeptSessions } from "../src/checks/kept-sessions.ts";
import type { Plan } from "../src/domain/action.ts";
import { ALL_WELL } from "../src/domain/aftermath.ts";
import type { Target } from "../src/domain/catalog.ts";
import { deadlineOf, keepsVisitorsOut } from "../src/domain/plan.ts";
import type { Printed } from "../src/domain/program-output.ts";
import { Expected, Unavailable } from "../src/errors.ts";
import { learnSecrets } from "../src/in-force/secrets.ts";
import { keepObservation } from "../src/observing.ts";
import { failpoint } from "../src/failpoint.ts";
import { keepOutput } from "../src/operations/output.ts";
import { planned, putOff, refuse } from "../src/operations/planning.ts";
import { providerNamed } from "../src/providers/index.ts";
import { CANCELLED, type Outcome, type Provider, type Verdict } from "../src/providers/provider.ts";
import { abandon, beat, holds, intend, judged, progress, record, redrawRunning } from "../src/operations/running.ts";
import { workOn, type Work } from "../src/operations/work.ts";
import { aftermath } from "./aftermath.ts";
import { draw, drawAgain } from "./draw-plan.ts";
import { pause } from "../src/wait.ts";
import { throttleOutput } from "./output-throttle.ts";

/**
 * Does what an operation needs now: draws its plan, runs it, or finds out what became of it. A second job for the same
 * operation reads the same truth and finds nothing to do.
 */
export async function operate(app: App, id: number, stopping: AbortSignal, sessions: KeptSessions): Promise<void> {
  await failpoint("C5");
  // Whoever may do it, and on what, may have been said to another process just now.
  await app.followCatalog();
  const { version: by } = app.inForce();
  const work = await workOn(app, id);
  if (work.kind !== "nothing") await learnSecrets(app.inForce().catalog);
  if (work.kind === "plan") await plan(app, work, { by, stopping });
  if (work.kind === "run") await run(app, { ...work, by }, { stopping, sessions });
  if (work.kind === "settle") await settle(app, work, { stopping, sessions });
  if (work.kind !== "nothing") await failpoint("C11");
}

type Means = { readonly stopping: AbortSignal; readonly sessions: KeptSessions };

const VERIFY = 60_000; // ms until an applied change must show

/** The version of the catalog by which it is found what is to be done. */
type By = { readonly by: number | null };

async function plan(
  app: App,
  { operation }: Extract<Work, { kind: "plan" }>,
  { by, stopping }: By & { readonly stopping: AbortSignal },
): Promise<void> {
  try {
    await planned(app, operation.id, await draw(app, operation, stopping), by);
  } catch (error) {
    if (stopping.aborted) return; // the next process draws it
    if (!(error instanceof Expected)) throw error;
    await (error instanceof Unavailable ? putOff : refuse)(app, operation.id, error.sentences, { by });
  }
}

async function run(
  app: App,
  { operation, seq, due, target, by }: Extract<Work, { kind: "run" }> & By,
  means: Means,
): Promise<void> {
  const { stopping } = means;
  const provider = providerNamed(target.provider);
  await failpoint("C6");
  const drawn = await drawAgain(provider, target, due, stopping);
  if (stopping.aborted) return; // nothing was begun: the next process runs it
  if ("moved" in drawn) return (drawn.isAway ? putOff : refuse)(app, operation.id, drawn.moved, { by, seq });
  const { plan: approved } = drawn;

  const deadline = deadlineOf(approved);
  await failpoint("C7");
  const step = await intend(app, operation.id, { seq, plan: approved }, { deadline, settles: provider.settles });
  await failpoint("C8");
  if (step === null || !(await holds(app, operation, step))) return;

  const outcome = await withHeartbeat(
    app,
    step,
    AbortSignal.any([stopping, AbortSignal.timeout(deadline)]),
    (signal, report) => {
      void failpoint("C9");
      return provider.apply(target, approved, { token: step.token, signal, report });
    },
  );
  await failpoint("C10");
  if (outcome.kind !== "done") return record(app, step, outcome);
  await verify(app, { operation, plan: approved, target, step }, means);
}

type Sent = Omit<Extract<Work, { kind: "settle" }>, "kind">;

/** Looks at the target, and where it shows what was wanted at the checks of its service, and hands in what it saw. */
async function verify(app: App, { operation, plan: approved, target, step }: Sent, means: Means): Promise<void> {
  const use = { token: step.token, operation: operation.id, stopping: means.stopping };
  const verdict = await lookUntilClear(app, providerNamed(target.provider), target, approved, use);
  if (verdict === null) return;
  if (verdict.printed !== undefined) await keep(app, step, { lines: verdict.printed, forgotten: 0 });
  const isJudged = verdict.kind === "holds" && !keepsVisitorsOut(approved);
  const after = isJudged ? await aftermath(app, operation.service, step.failingBefore, means) : ALL_WELL;
  if (after !== null) await judged(app, step, verdict, after);
}

const BEAT = 2_000; // ms between two signs of life
const REDRAWN = 10; // signs of life after which a card shows how long it has run, also where nothing is printed

/**
 * Signs of life while a provider works; a person who asks to stop is heard within two seconds. What was printed beyond
 * what the card shows is kept, unless nobody knows yet how it ended: whoever finds that out keeps it.
 */
async function withHeartbeat(
  app: App,
  step: Sent["step"],
  limit: AbortSignal,
  work: (signal: AbortSignal, report: (line: string) => void) => Promise<Outcome>,
): Promise<Outcome> {
  const { operation } = step;
  const cancel = new AbortController();
  // Progress is written in order, and is all there before the outcome is.
  let written: Promise<void> = Promise.resolve();
  const output = throttleOutput((line) => {
    written = written
      .then(() => progress(app, operation, line))
      .catch((err: unknown) => app.log.warn({ err, operation }, "progress was lost"));
  });
  let beats = 0;
  async function live(): Promise<void> {
    beats += 1;
    output.tick();
    const { cancelled } = await beat(app, operation);
    if (cancelled) cancel.abort(CANCELLED);
    if (beats % REDRAWN === 0) await redrawRunning(app, operation);
  }
  const timer = setInterval(() => {
    live().catch((err: unknown) => app.log.warn({ err, operation }, "no sign of life could be written"));
  }, BEAT);
  try {
    const outcome = await work(AbortSignal.any([limit, cancel.signal]), output.report);
    const printed = output.end();
    await written;
    if (outcome.kind !== "unknown") await keep(app, step, printed);
    return outcome;
  } catch (error) {
    app.log.error({ err: error, operation }, "a provider broke while acting");
    return { kind: "unknown", reason: "the provider broke while acting; the log has why" };
  } finally {
    clearInterval(timer);
    await written;
  }
}

/** Whether what was printed can be kept changes nothing about how it ended. */
async function keep(app: App, step: Sent["step"], printed: Printed): Promise<void> {
  await keepOutput(app, step, printed).catch((err: unknown) =>
    app.log.warn({ err, operation: step.operation }, "what was printed could not be kept"),
  );
}

/** Looks until what was applied shows and stays, or until it surely does not; null when we have to stop before. */
async function lookUntilClear(
  app: App,
  provider: Provider,
  target: Target,
  plan: Plan,
  use: { token: string; operation: number; stopping: AbortSignal },
): Promise<Verdict | null> {
  const until = AbortSignal.any([use.stopping, AbortSignal.timeout(VERIFY)]);
  let last: Verdict = { kind: "pending", seen: "nothing yet" };
  while (!until.aborted) {
    last = await verdictOf(provider, target, plan, { token: use.token, signal: until });
    if (last.kind !== "pending") {
      await keepSeen(app, provider, target, until);
      return last;
    }
    await beat(app, use.operation);
    await pause(500, until);
  }
  if (use.stopping.aborted) return null;
  return { kind: "differs", seen: `after ${VERIFY / 1000} s it still shows: ${last.seen}` };
}

/** Keeps how the target is now, so that whoever asks after the card has changed sees the same. */
async function keepSeen(app: App, provider: Provider, target: Target, until: AbortSignal): Promise<void> {
  try {
    await keepObservation(app, target, await provider.observe(target, until));
  } catch (error) {
    if (!(error instanceof Expected) && !until.aborted) throw error; // the next check looks again
  }
}

async function verdictOf(
  provider: Provider,
  target: Target,
  plan: Plan,
  use: { token: string; signal: AbortSignal },
): Promise<Verdict> {
  try {
    return await provider.verify(target, plan, use);
  } catch (error) {
    if (error instanceof Expected || use.signal.aborted)
      return { kind: "pending", seen: error instanceof Error ? error.message : "no answer" };
    throw error;
  }
}

/** Nobody knows what became of an attempt: now that it must have settled, look. */
async function settle(app: App, work: Extract<Work, { kind: "settle" }>, means: Means): Promise<void> {
  const unknown = await abandon(app, work.step);
  await failpoint("C14");
  await verify(app, { ...work, step: unknown }, means);
}
