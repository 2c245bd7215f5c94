import { Conflict, Invalid } from "../errors.ts";
import type { Action, Plan, Risk } from "./action.ts";
import type { Catalog, Service } from "./catalog.ts";
import type { PolicyRule } from "./policy-rule.ts";
import { ROLES, type Role } from "./role.ts";
import { formatDuration } from "./measures.ts";
import type { Operation } from "./operation.ts";
import { partsOf } from "./sequence.ts";

/** What must hold before an action runs: who may ask, how many approve, how far and how often a target may be sized. */

export type Policy = {
  /** The least role that may ask. */
  readonly role: Role;
  /** The least role that may approve or deny. */
  readonly approvers: Role;
  /** How many others must approve. */
  readonly approvals: 0 | 1 | 2;
  /** Whether whoever approves types the target's name. */
  readonly typed: boolean;
  /** ms that a request waits for approval. */
  readonly expiresAfter: number;
  /** ms that nobody answers before whoever is on call may go alone; null: never. */
  readonly aloneAfter: number | null;
  /** Bounds of `scale`, per process, both included. */
  readonly min: number;
  readonly max: number;
  /** The most that one `scale` may add to or take from a process; undefined: no limit but the bounds. */
  readonly step?: number | undefined;
  /** ms after a sizing before the next one up, and down. */
  readonly cooldownUp: number;
  readonly cooldownDown: number;
};

const MINUTE = 60_000;

const DEFAULTS: Omit<Policy, "approvals" | "typed"> = {
  role: "operator",
  approvers: "approver",
  expiresAfter: 20 * MINUTE,
  aloneAfter: 5 * MINUTE,
  min: 1,
  max: 20,
  cooldownUp: MINUTE,
  cooldownDown: 5 * MINUTE,
};

const APPROVALS: Readonly<Record<"production" | "elsewhere", Readonly<Record<Risk, Policy["approvals"]>>>> = {
  production: { read: 0, low: 0, high: 1, destructive: 2 },
  elsewhere: { read: 0, low: 0, high: 0, destructive: 1 },
};

/** The policy for one action on one service: the defaults for its risk and environment, then each rule that matches, in order. */
export function policyFor(
  catalog: Pick<Catalog, "policies">,
  action: Action,
  service: Pick<Service, "key" | "environment">,
  risk: Risk,
): Policy {
  const where = service.environment === "production" ? "production" : "elsewhere";
  const start: Policy = { ...DEFAULTS, approvals: APPROVALS[where][risk], typed: risk === "destructive" };
  return catalog.policies.filter((rule) => matches(rule, action, service)).reduce(overlay, start);
}

/**
 * The policy for all that an operation does: of its plan, or of what is asked for while there is none, taken to be
 * `before`. Of several actions the strictest; bounds and pauses are each action's own.
 */
export function policyOf(
  catalog: Pick<Catalog, "policies">,
  service: Service,
  { action, arguments: { sequence }, plan }: Pick<Operation, "action" | "arguments" | "plan">,
  before: Risk,
): Policy {
  const declared = service.sequences?.find(({ name }) => name === sequence)?.steps ?? [];
  const asked = declared.length === 0 ? [{ action }] : declared;
  const parts = plan === null ? asked.map((step) => ({ action: step.action, risk: before })) : partsOf(plan);
  return parts.map((part) => policyFor(catalog, part.action, service, part.risk)).reduce(stricter);
}

function stricter(one: Policy, other: Policy): Policy {
  const { aloneAfter: a } = one;
  const { aloneAfter: b } = other;
  return {
    ...one,
    role: higher(one.role, other.role),
    approvers: higher(one.approvers, other.approvers),
    approvals: one.approvals < other.approvals ? other.approvals : one.approvals,
    typed: one.typed || other.typed,
    expiresAfter: Math.min(one.expiresAfter, other.expiresAfter),
    aloneAfter: a === null || b === null ? null : Math.max(a, b),
  };
}

function higher(one: Role, other: Role): Role {
  return ROLES.indexOf(one) < ROLES.indexOf(other) ? other : one;
}

function matches({ when }: PolicyRule, action: Action, service: Pick<Service, "key" | "environment">): boolean {
  return (
    (when.action ?? action) === action &&
    (when.service ?? service.key) === service.key &&
    (when.environment ?? service.environment) === service.environment
  );
}

function overlay(policy: Policy, rule: PolicyRule): Policy {
  return {
    role: rule.role ?? policy.role,
    approvers: rule.approvers ?? policy.approvers,
    approvals: rule.approvals ?? policy.approvals,
    typed: rule.typed ?? policy.typed,
    expiresAfter: rule.expiresAfter ?? policy.expiresAfter,
    aloneAfter: rule.aloneAfter === undefined ? policy.aloneAfter : rule.aloneAfter,
    min: rule.min ?? policy.min,
    max: rule.max ?? policy.max,
    step: rule.step ?? policy.step,
    cooldownUp: rule.cooldownUp ?? policy.cooldownUp,
    cooldownDown: rule.cooldownDown ?? policy.cooldownDown,
  };
}

/** @throws Invalid when a `scale` asks for a size outside the policy's bounds, naming the bounds. */
export function checkBounds(policy: Policy, request: Pick<Plan, "action" | "arguments" | "unit">): void {
  if (request.action !== "scale" || request.unit !== undefined) return;
  for (const [process, wanted] of Object.entries(request.arguments.sizes ?? {})) {
    if (wanted < policy.min || wanted > policy.max) {
      throw new Invalid(
        `${process}=${wanted} is outside what the policy allows here: ${policy.min} to ${policy.max}.`,
        {
          hint: "Ask for a size within these bounds, or change `min` and `max` in the policies of the catalog.",
        },
      );
    }
  }
}

/** @throws Invalid when one `scale` would move a process further than the policy's step, naming the step. */
export function checkStep(policy: Policy, changes: readonly { readonly from: number; readonly to: number }[]): void {
  const { step } = policy;
  if (step === undefined) return;
  const far = changes.find(({ from, to }) => Math.abs(to - from) > step);
  if (far === undefined) return;
  const next = far.to > far.from ? far.from + step : far.from - step;
  throw new Invalid(`From ${far.from} to ${far.to} is more at once than the policy allows here: ${step}.`, {
    hint: `Go to ${next} first and see how that does.`,
  });
}

export type Direction = "up" | "down";

/** Whether a change of sizes goes up anywhere; adding is urgent more often than removing, so it counts as the whole's direction. */
export function directionOf(changes: readonly { readonly from: number; readonly to: number }[]): Direction | null {
  if (changes.some(({ from, to }) => to > from)) return "up";
  return changes.some(({ from, to }) => to < from) ? "down" : null;
}

/** ms until the target may be sized in this direction again; 0 when it may now. */
export function cooldownLeft(policy: Policy, direction: Direction, lastSizedAt: Date | null, now: Date): number {
  if (lastSizedAt === null) return 0;
  const pause = direction === "up" ? policy.cooldownUp : policy.cooldownDown;
  return Math.max(0, lastSizedAt.getTime() + pause - now.getTime());
}

/** @throws Conflict while the pause after the last sizing lasts, saying how long that is. */
export function checkCooldown(policy: Policy, direction: Direction, lastSizedAt: Date | null, now: Date): void {
  const left = cooldownLeft(policy, direction, lastSizedAt, now);
  if (left === 0) return;
  const step = left > 2 * MINUTE ? MINUTE : 1_000;
  const rest = formatDuration(Math.ceil(left / step) * step);
  throw new Conflict(`The size changed moments ago; it may go ${direction} again in ${rest}.`, {
    hint: 'The pause lets the last change show its effect. To go on anyway, write "despite" and the reason behind the command; somebody else must approve.',
  });
}
