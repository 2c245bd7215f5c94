import { addHours } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import type { Plan } from "../domain/action.ts";
import { keepsVisitorsOut } from "../domain/plan.ts";
import { closeIfOpen, openItem } from "../items/lifecycle.ts";
import { itemFrom } from "./item-from.ts";
import type { StoredOperation } from "../store/operations.ts";

/** What stays suspended until somebody ends it: where no end was said, whoever asked for it has an item until it is over. */

type Suspension = {
  /** Whether a plan of it begins or ends it. */
  readonly begins: (plan: Plan) => boolean;
  readonly ends: (plan: Plan) => boolean;
  readonly summary: (target: string) => string;
  /** What is typed to end it. */
  readonly end: (target: string) => string;
  /** Hours after which it is overdue. */
  readonly within: number;
};

const SUSPENSIONS: Readonly<Record<string, Suspension>> = {
  maintenance: {
    begins: keepsVisitorsOut,
    ends: (plan) => plan.action === "maintenance" && !keepsVisitorsOut(plan),
    summary: (target) => `${target} is in maintenance mode until somebody turns it off`,
    end: (target) => `/day2 maintenance ${target} off`,
    within: 4,
  },
  pause: {
    begins: ({ action }) => action === "pause",
    ends: ({ action }) => action === "resume",
    summary: (target) => `rollouts of ${target} are held back until somebody resumes them`,
    end: (target) => `/day2 resume ${target}`,
    within: 24,
  },
};

/** An item for what an operation suspended; what it ended has none any more. */
export async function followSuspensions(app: App, change: Change, operation: StoredOperation): Promise<void> {
  const { id, plan, target, requestedBy, arguments: given } = operation;
  if (plan === null) return;
  for (const [what, { begins, ends, summary, end, within }] of Object.entries(SUSPENSIONS)) {
    const fingerprint = `${what}/${target}`;
    if (ends(plan)) await closeIfOpen(change, fingerprint, { by: requestedBy, how: `ended by op-${id}` });
    if (begins(plan) && given.temporary === undefined)
      await openItem(change, app.inForce(), {
        ...itemFrom(app, change, operation),
        fingerprint,
        severity: "warning",
        summary: summary(target),
        evidence: { "asked as": `op-${id}`, "end it": end(target) },
        dueAt: addHours(change.now, within),
      });
  }
}
