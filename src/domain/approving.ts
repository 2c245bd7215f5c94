import { Conflict } from "../errors.ts";
import type { Catalog, Person } from "./catalog.ts";
import { formatDuration } from "./measures.ts";
import {
  moveOperation,
  type Approval,
  type Operation,
  type OperationMove,
  type OperationState,
  type Verdict,
} from "./operation.ts";
import type { Deed } from "./deed.ts";
import { authorise, may, type Ground } from "./permit.ts";
import { actorKey, type Actor } from "./actor.ts";
import { policyOf } from "./policy.ts";
import { localTimeOf } from "./wall-time.ts";

/**
 * Whether an operation may run: who may approve it, which approvals count, and what is missing. Asked by the doors when
 * somebody decides, and by workers before each step.
 */

/** A person of the catalog as an actor, for asking what they could do. */
export function asActor({ key, slack, role, services, name }: Person): Actor {
  return { person: key, account: slack[0] ?? "", team: "", kind: "member", role, services, name };
}

/** The part of an operation that decides who may approve it. */
export type Approvable = Pick<Operation, "service" | "requestedBy" | "action" | "arguments" | "plan">;

/** Who may approve an operation, as policy has it, except whoever asked for it. */
export function approversOf(catalog: Everything, operation: Approvable): Person[] {
  const service = catalog.services[operation.service];
  const policy = service === undefined ? undefined : policyOf(catalog, service, operation, "high");
  const ground = { service: operation.service, policy, ownRequest: false, catalogHasPeople: true };
  return Object.values(catalog.people).filter(
    (person) => person.key !== operation.requestedBy && may("approve", asActor(person), ground),
  );
}

/** Whether somebody asked for it, with whichever of their accounts. */
export function isOwn({ requestedBy }: Pick<Operation, "requestedBy">, actor: Actor): boolean {
  return requestedBy === actorKey(actor);
}

type Deciding = {
  readonly verdict: Approval["verdict"];
  readonly reason: string | null;
  readonly actor: Actor;
  readonly ground: Ground;
  /** Of the plan that was before their eyes; null where there was none to see. */
  readonly seenHash: string | null;
  /** What they typed, where the plan asks for its target's name; null where they only pressed. */
  readonly typed?: string | null;
  readonly now: Date;
  /** People's names, and the zone of whoever decides: they are told who came first, and when. */
  readonly nameOf: (person: string) => string;
  readonly zone: string;
};

const DEEDS = { approved: "approve", denied: "deny", alone: "goAlone" } as const satisfies Record<
  Verdict,
  Deed & OperationMove
>;

/** What somebody's decision is, to be kept with those made before. @throws Denied | Conflict */
export function decision(operation: Operation, made: readonly Approval[], by: Deciding): Approval {
  const { id, state, expiresAt, planHash } = operation;
  const deed = DEEDS[by.verdict];
  authorise(deed, by.actor, { ...by.ground, ownRequest: isOwn(operation, by.actor) });
  if (state !== "awaiting_approval") throw tooLate(operation, made, by);
  moveOperation(id, state, deed);
  if (expiresAt !== null && expiresAt <= by.now)
    throw new Conflict(`op-${id} was not decided in time.`, {
      hint: "Ask for it again: the plan will be drawn from how things are now.",
    });
  if (by.seenHash !== null && by.seenHash !== planHash)
    throw new Conflict(`op-${id} has changed since that card was drawn.`, {
      hint: "Read the new card and decide again.",
    });
  if (by.verdict === "approved") checkTyped(operation, by.typed ?? null);
  const person = actorKey(by.actor);
  if (made.some((each) => each.person === person))
    throw new Conflict(`You have decided on op-${id} already.`, { hint: "Its card says who else has to." });
  if (by.verdict === "alone") checkAlone(operation, made, by.now);
  return { person, verdict: by.verdict, reason: by.reason, planHash: planHash ?? "", at: by.now };
}

/** What whoever approves types where the plan asks for it: what it is done to, and a sequence by its name. */
export function wordsToType({
  service,
  target,
  arguments: { sequence },
}: Pick<Operation, "service" | "target" | "arguments">): string {
  return sequence === undefined ? target : `${service}/${sequence}`;
}

/** @throws Conflict unless the target's name was typed, where the plan asks for it */
function checkTyped(operation: Operation, typed: string | null): void {
  const { id, plan, arguments: asked } = operation;
  const wanted = wordsToType(operation);
  if (plan?.typed !== true || typed?.toLowerCase() === wanted) return;
  const what = typed === null ? "" : ` \`${typed.replaceAll("`", "'").slice(0, 80)}\` is not it.`;
  const about = asked.sequence === undefined ? "what it is done to" : "what it runs";
  throw new Conflict(`Whoever approves op-${id} types ${about}: \`${wanted}\`.${what}`, {
    hint: `Press "Approve" on its card, or write \`/day2 approve op-${id} ${wanted}\`.`,
  });
}

const DID = { approved: "approved", denied: "denied", alone: "went alone with" } as const satisfies Record<
  Verdict,
  string
>;

/** Who decided it, and when; of one that ended otherwise, that it did. */
function tooLate(
  { id, state, outcome }: Operation,
  made: readonly Approval[],
  { nameOf, zone }: Pick<Deciding, "nameOf" | "zone">,
): Conflict {
  const hint = `\`/day2 audit op-${id}\` shows what happened.`;
  const last = made.at(-1);
  if (last === undefined || state === "cancelled" || state === "expired" || state === "refused")
    return new Conflict(`op-${id} is ${state.replace("_", " ")} already${outcome === null ? "" : `: ${outcome}`}.`, {
      hint,
    });
  return new Conflict(
    `${nameOf(last.person)} ${DID[last.verdict]} op-${id} at ${localTimeOf(zone, last.at.getTime())}.`,
    { hint },
  );
}

/** Whether one person alone may ever do it: back to what ran well, nothing that destroys, and no pause gone over. */
export function fitsAlone({ plan, despite, reversalOf }: Operation): boolean {
  return plan?.restores === true && plan.risk !== "destructive" && despite === null && reversalOf === null;
}

/** Whether whoever is on call may go alone now: it fits, it waits, and nobody who may approve has answered for long enough. */
export function aloneIsOpen(operation: Operation, made: readonly Approval[], now: Date): boolean {
  const { state, aloneAt, expiresAt } = operation;
  const isTime = aloneAt !== null && aloneAt <= now && (expiresAt === null || now < expiresAt);
  return state === "awaiting_approval" && fitsAlone(operation) && isTime && made.length === 0;
}

/** @throws Conflict saying why not, or not yet */
function checkAlone(operation: Operation, made: readonly Approval[], now: Date): void {
  const { id, aloneAt } = operation;
  if (aloneIsOpen(operation, made, now)) return;
  if (!fitsAlone(operation) || aloneAt === null)
    throw new Conflict(`op-${id} cannot be done alone.`, {
      hint: "Only going back to a release or size that ran well can be, where policy allows it. Ask somebody who may approve it.",
    });
  if (made.length > 0)
    throw new Conflict(`Somebody has answered op-${id}, so nobody goes alone with it.`, {
      hint: "Wait for the others.",
    });
  throw new Conflict(
    `Whoever may approve op-${id} has ${formatDuration(aloneAt.getTime() - now.getTime())} left to answer.`,
    {
      hint: "You are told when that is over.",
    },
  );
}

/** The approvals that count now: of this very plan, by others who may still give them, each person once. */
export function standing(
  catalog: Everything,
  operation: Operation,
  decisions: readonly Approval[],
): ReadonlySet<string> {
  const may = new Set(approversOf(catalog, operation).map((person) => person.key));
  return new Set(
    decisions
      .filter(
        ({ verdict, planHash, person }) => verdict === "approved" && planHash === operation.planHash && may.has(person),
      )
      .map(({ person }) => person),
  );
}

/** Where a request stands once these decisions are made. @throws Conflict when it is decided already */
export function stateAfter(catalog: Everything, operation: Operation, decisions: readonly Approval[]): OperationState {
  const { id, state, approvals } = operation;
  const last = decisions.at(-1)?.verdict;
  if (last === "denied" || last === "alone") return moveOperation(id, state, DEEDS[last]);
  const enough = standing(catalog, operation, decisions).size >= approvals;
  return enough ? moveOperation(id, state, "approve") : state;
}

type Everything = Pick<Catalog, "people" | "services" | "policies">;

/**
 * Why it may not run now, as a sentence; null when everything that it needs still stands. `onCall` are the keys of those
 * who are on call for its service now. Once it runs, its time to start no longer matters.
 */
export function missingAuthority(
  catalog: Everything,
  operation: Operation,
  decisions: readonly Approval[],
  { onCall, now }: { readonly onCall: readonly string[]; readonly now: Date },
): string | null {
  if (operation.reversalOf !== null) return null; // approved with its parent
  if (operation.state === "queued" && operation.expiresAt !== null && operation.expiresAt <= now)
    return "it could not be started in time";
  const requester = catalog.people[operation.requestedBy];
  const service = catalog.services[operation.service];
  if (requester === undefined || service === undefined) return "whoever asked for it is no longer in the catalog";
  const policy = policyOf(catalog, service, operation, "high");
  if (standing(catalog, operation, decisions).size < operation.approvals) {
    const alone = decisions.find(({ verdict, planHash }) => verdict === "alone" && planHash === operation.planHash);
    if (alone === undefined) return "an approval no longer stands: somebody lost the role for it; ask again";
    const person = catalog.people[alone.person];
    const ground = { service: service.key, onCall: onCall.includes(alone.person), policy, catalogHasPeople: true };
    if (!fitsAlone(operation) || person === undefined || !may("goAlone", asActor(person), ground))
      return "whoever went alone is no longer on call for it, or lost the role; ask again";
  }
  const allowed = may("request", asActor(requester), { service: service.key, policy, catalogHasPeople: true });
  return allowed ? null : `${requester.name} no longer has the role to ask for it`;
}

/**
 * Who is asked first, and who only when they do not answer: whoever is on call and awake has it to themselves for a
 * while, unless they are too few to decide it.
 */
export function askingOrder(
  approvers: readonly Person[],
  { onCall, asleep, needed }: { onCall: readonly string[]; asleep: ReadonlySet<string>; needed: number },
): { readonly first: readonly Person[]; readonly rest: readonly Person[] } {
  const nearest = approvers.filter(({ key, slack }) => onCall.includes(key) && slack.length > 0 && !asleep.has(key));
  if (nearest.length === 0 || nearest.length < needed) return { first: approvers, rest: [] };
  return { first: nearest, rest: approvers.filter((person) => !nearest.includes(person)) };
}
