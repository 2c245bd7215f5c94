import { PEOPLE, personOf } from "./catalog.ts";
import type { Evidence, StoredEvent, StoredOperation, StoredStep } from "./evidence.ts";
import type { Call, Effect } from "./far-side.ts";
import type { Breach } from "./breach.ts";

/** What must hold of every effect on the far side. */

const SETTLES = 14_000; // ms that the bot has to leave every request, whatever became of it
/** The database and the far side read one clock; this much may lie between two readings of it. */
const CLOCK = 50;
/** So long may it take until every process follows a catalog that was changed. */
const FOLLOWS = 10_000;

function operationFor({ operations }: Evidence, token: string | null): StoredOperation | undefined {
  return operations.find(({ steps }) => steps.some((step) => step.token === token));
}

function named(evidence: Evidence, token: string | null): string {
  const operation = operationFor(evidence, token);
  if (operation === undefined) return `token ${token}`;
  const step = operation.steps.find((each) => each.token === token);
  const which = operation.planned === 1 || step === undefined ? "" : `, ${stepNamed(step)},`;
  return `op-${operation.id}${which} on ${operation.service}`;
}

function stepNamed({ seq, undoes }: StoredStep): string {
  return undoes === null ? `step ${seq}` : `the taking back of step ${undoes}`;
}

/** Whether an event tells of a step; of the only one, each does. */
function isAbout({ planned }: StoredOperation, { seq, undoes }: StoredStep): (event: StoredEvent) => boolean {
  return ({ step, back }) => planned === 1 || (step === (undoes ?? seq) && back === (undoes !== null));
}

function at(time: number): string {
  return new Date(time).toISOString().slice(11, 23);
}

function describe(effect: Effect): string {
  const late = effect.at - effect.arrivedAt;
  return `effect at ${at(effect.at)}: ${effect.action} ${effect.application}, sent by ${effect.worker}${late > 100 ? `, ${late} ms on its way` : ""}`;
}

function describeCall(call: Call): string {
  return `${call.kind} at ${at(call.at)} by ${call.worker}${call.answer === null ? "" : `: ${call.answer}`}`;
}

function describeEvents(evidence: Evidence, operation: number): string[] {
  return evidence.events
    .filter((event) => event.operation === operation && event.kind !== "operation.progress")
    .map((event) => `event ${event.id} ${event.kind}, committed ${at(event.committed)}`);
}

function byToken<T extends { readonly token: string | null }>(list: readonly T[]): Map<string, T[]> {
  return Map.groupBy(
    list.filter(({ token }) => token !== null),
    ({ token }) => token ?? "",
  );
}

export function onlyOnce(evidence: Evidence): Breach[] {
  return [...byToken(evidence.effects)]
    .filter(([, effects]) => effects.length > 1)
    .map(([token, effects]) => ({
      what: `${named(evidence, token)} took effect ${effects.length} times`,
      evidence: [...effects.map(describe), ...describeEvents(evidence, operationFor(evidence, token)?.id ?? 0)],
    }));
}

/** Between two sendings of one step lie a clear refusal, or the moment when the first had settled and then a look. */
export function lookedBefore(evidence: Evidence): Breach[] {
  const breaches: Breach[] = [];
  for (const [token, calls] of byToken(evidence.calls)) {
    const asks = calls.filter(({ kind }) => kind === "ask");
    for (const [index, again] of asks.entries()) {
      const before = asks[index - 1];
      if (before === undefined || before.answer === "refused" || before.answer === "busy") continue;
      const settled = Math.max(before.settledAt - CLOCK, before.at + SETTLES);
      const looked = calls.some(({ kind, at: when }) => kind === "find" && when >= settled && when <= again.at);
      if (!looked)
        breaches.push({
          what: `${named(evidence, token)} was sent again without a look after it had settled`,
          evidence: [
            ...[before, again].map(describeCall),
            ...describeEvents(evidence, operationFor(evidence, token)?.id ?? 0),
          ],
        });
    }
  }
  return breaches;
}

const WITHOUT_EFFECT: ReadonlySet<string> = new Set(["failed", "cancelled", "refused", "denied", "expired"]);

export function truthful(evidence: Evidence): Breach[] {
  const effects = byToken(evidence.effects);
  return evidence.operations.flatMap((operation) => {
    const { id, service, state, steps, planned } = operation;
    const own = steps.flatMap(({ token }) => effects.get(token) ?? []);
    const said = planned > 1 ? falseStep(operation, effects) : falseEnd(operation, own);
    if (said === null) return [];
    const shown = [...own.map(describe), ...describeEvents(evidence, id)];
    return [{ what: `op-${id} on ${service} is ${state}${said}`, evidence: shown }];
  });
}

function falseEnd({ state }: StoredOperation, own: readonly Effect[]): string | null {
  if (state === "succeeded" && own.length === 0) return " and never took effect";
  return WITHOUT_EFFECT.has(state) && own.length > 0 ? " and took effect" : null;
}

/** Of several steps each tells for itself; one whose end nobody knows may be either. */
function falseStep(
  { state, steps, planned }: StoredOperation,
  effects: ReadonlyMap<string, readonly Effect[]>,
): string | null {
  const done = steps.filter((step) => step.state === "done" && step.undoes === null);
  if (state === "succeeded" && done.length < planned) return `, and ${done.length} of ${planned} steps are done`;
  for (const step of steps) {
    const took = (effects.get(step.token) ?? []).length > 0;
    if (step.state === "done" && !took) return `: ${stepNamed(step)} is done and never took effect`;
    if (step.state === "failed" && took && state !== "closed_unknown")
      return `: ${stepNamed(step)} failed and took effect`;
  }
  return null;
}

/** No step has an effect before the one before it is in the log as done. */
export function inOrder(evidence: Evidence): Breach[] {
  const effects = byToken(evidence.effects);
  return evidence.operations.flatMap((operation) =>
    operation.steps.slice(1).flatMap((step, index) => {
      const before = operation.steps[index];
      const [effect] = effects.get(step.token) ?? [];
      if (before === undefined || effect === undefined) return [];
      const ended = before.state === "failed" ? 0 : endOf(evidence, operation, before);
      if (before.state !== "intent" && ended <= effect.arrivedAt + CLOCK) return [];
      return [
        {
          what: `${named(evidence, step.token)} took effect before ${stepNamed(before)} had ended`,
          evidence: [describe(effect), ...describeEvents(evidence, operation.id)],
        },
      ];
    }),
  );
}

function endOf({ events }: Evidence, operation: StoredOperation, step: StoredStep): number {
  const isOfStep = isAbout(operation, step);
  const done = events.find(
    (event) => event.operation === operation.id && event.kind === "operation.step_done" && isOfStep(event),
  );
  return done?.committed ?? Number.POSITIVE_INFINITY;
}

export function authorised(evidence: Evidence): Breach[] {
  return evidence.effects.flatMap((effect) => {
    const operation = operationFor(evidence, effect.token);
    if (operation === undefined)
      return [{ what: `${effect.application} changed and no operation asked for it`, evidence: [describe(effect)] }];
    const missing = missingFor(evidence, operation, effect);
    return missing === null
      ? []
      : [
          {
            what: `op-${operation.id} on ${operation.service} took effect ${missing}`,
            evidence: [describe(effect), ...describeApprovals(evidence, operation.id)],
          },
        ];
  });
}

function missingFor(evidence: Evidence, operation: StoredOperation, effect: Effect): string | null {
  const needed = evidence.sites.get(operation.service)?.approvals ?? 0;
  const given = evidence.approvals.filter(
    (approval) =>
      approval.operation === operation.id &&
      approval.verdict === "approved" &&
      approval.committed <= effect.arrivedAt + CLOCK,
  );
  const people = new Set(given.map(({ account }) => personOf(account)));
  people.delete(operation.requestedBy as keyof typeof PEOPLE);
  if (people.size < needed) return `with ${people.size} of ${needed} approvals`;
  const standing = [...people].filter((person) => person !== null && mayApprove(evidence, person, effect.arrivedAt));
  if (standing.length < needed) return `after an approver had lost the role`;
  const bound = given.filter(({ account }) => sawThat(evidence, operation, account));
  if (new Set(bound.map(({ account }) => personOf(account))).size < needed)
    return `on an approval of another plan than the one that ran`;
  if (operation.startedAt !== null && operation.expiresAt !== null && operation.startedAt > operation.expiresAt)
    return `after its approvals had run out`;
  return null;
}

function mayApprove({ history, workspace }: Evidence, person: string, when: number): boolean {
  if (PEOPLE[person as keyof typeof PEOPLE].role !== "approver") return false;
  return !history.revoked.some(
    (each) => each.workspace === workspace && each.person === person && each.from + FOLLOWS < when && when < each.until,
  );
}

/** Whether what somebody pressed, or typed, was an approval of the plan that the operation has. */
function sawThat({ history }: Evidence, operation: StoredOperation, account: string): boolean {
  return history.deeds.some(
    (deed) =>
      deed.kind === "approve" &&
      deed.operation === operation.id &&
      deed.account === account &&
      (deed.sawHash === null || deed.sawHash === operation.planHash),
  );
}

function describeApprovals(evidence: Evidence, id: number): string[] {
  return [
    ...evidence.approvals
      .filter(({ operation }) => operation === id)
      .map(({ account, verdict, committed }) => `${account} ${verdict}, committed ${at(committed)}`),
    ...evidence.history.deeds
      .filter(({ operation, kind }) => operation === id && kind === "approve")
      .map(
        (deed) =>
          `${deed.account} pressed or typed approve at ${at(deed.at)}, for plan ${deed.sawHash?.slice(0, 8) ?? "as shown"}`,
      ),
    ...evidence.history.revoked.map(({ person, from }) => `${person} lost the role at ${at(from)}`),
  ];
}

/** The nth sending has the nth intent before it. */
export function audited(evidence: Evidence): Breach[] {
  const started = Map.groupBy(
    evidence.events.filter(({ kind }) => kind === "operation.started"),
    ({ operation }) => operation,
  );
  return [...byToken(evidence.calls)].flatMap(([token, calls]) => {
    const operation = operationFor(evidence, token);
    const step = operation?.steps.find((each) => each.token === token);
    if (operation === undefined || step === undefined) return [];
    const own = (started.get(operation.id) ?? []).filter(isAbout(operation, step));
    const intents = own.map(({ committed }) => committed).toSorted((a, b) => a - b);
    const asks = calls.filter(({ kind }) => kind === "ask");
    return asks
      .filter((ask, index) => (intents[index] ?? Number.POSITIVE_INFINITY) > ask.at + CLOCK)
      .slice(0, 1)
      .map((ask) => ({
        what: `op-${operation.id} on ${operation.service} was sent before its intent was in the log`,
        evidence: [describeCall(ask), ...describeEvents(evidence, operation.id)],
      }));
  });
}

const OPENS: ReadonlySet<string> = new Set(["operation.started"]);
const CLOSES: ReadonlySet<string> = new Set([
  "operation.succeeded",
  "operation.failed",
  "operation.cancelled",
  "operation.closed_unknown",
  "operation.reverted",
  "operation.untouched",
  "operation.later",
  "operation.step_done",
  "operation.step_back",
]);

/** While one operation holds a target, no other one starts there. */
export function oneAtATime(evidence: Evidence): Breach[] {
  const services = new Map(evidence.operations.map(({ id, service }) => [id, service]));
  const perTarget = Map.groupBy(evidence.events, ({ operation }) => services.get(operation) ?? "");
  return [...perTarget].flatMap(([service, events]) => {
    const overlap = firstOverlap(events.toSorted((a, b) => a.committed - b.committed || a.id - b.id));
    if (overlap === null) return [];
    return [
      {
        what: `op-${overlap.second} started on ${service} while op-${overlap.first} held it`,
        evidence: [...describeEvents(evidence, overlap.first), ...describeEvents(evidence, overlap.second)],
      },
    ];
  });
}

function firstOverlap(events: readonly StoredEvent[]): { first: number; second: number } | null {
  let holder: number | null = null;
  for (const { kind, operation } of events) {
    if (OPENS.has(kind) && holder !== null && holder !== operation) return { first: holder, second: operation };
    if (OPENS.has(kind)) holder = operation;
    if (CLOSES.has(kind) && holder === operation) holder = null;
  }
  return null;
}
