import type { Action, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { pathOf, settings, type Sent, type Settings } from "./api.ts";
import { captured, capturing } from "./capture.ts";
import { judge } from "./judge.ts";
import { once, type WayOf } from "./once.ts";
import { refreshed, refreshing } from "./refresh.ts";
import { coreOf, isEligible, lastChangeOf, type Core } from "./see.ts";
import type { ApplyUse, Outcome, Verdict } from "../provider.ts";

/** How each plan is sent, and what shows of it. */

type Shows = (where: Settings, plan: Plan, signal: AbortSignal) => Promise<Verdict>;

/** What does not rest on releases, sizes and dynos alone. */
const OTHERS: Readonly<Partial<Record<Action, { readonly wayOf: WayOf; readonly shows: Shows }>>> = {
  "renew-cert": { wayOf: refreshing, shows: refreshed },
  backup: { wayOf: capturing, shows: captured },
};

export async function apply(target: Target, plan: Plan, use: ApplyUse): Promise<Outcome> {
  const where = settings.parse(target.settings);
  const wayOf = OTHERS[plan.action]?.wayOf ?? changing;
  return once(where, wayOf(where, plan, use.signal), use);
}

/** @throws Unavailable | Invalid */
export async function verify(target: Target, plan: Plan, signal: AbortSignal): Promise<Verdict> {
  const where = settings.parse(target.settings);
  const other = OTHERS[plan.action];
  return other === undefined ? judge(await coreOf(where, signal), plan) : other.shows(where, plan, signal);
}

const LATER = 3_500; // ms between two looks, so that following takes no more than the account gets back meanwhile

function changing(where: Settings, plan: Plan, signal: AbortSignal): ReturnType<WayOf> {
  let before: Core | undefined;
  return {
    later: LATER,
    async look() {
      const core = await coreOf(where, signal);
      before ??= core;
      // A restart is meant from now on: Heroku cycles dynos by itself, and those of before do not count.
      return judge(core, plan, lastChangeOf(before));
    },
    request: () => (before === undefined ? null : requestFor(where, before, plan)),
  };
}

/** Null where there is nothing to go back to any more. */
function requestFor(where: Settings, { releases }: Core, { action, arguments: given }: Plan): Sent | null {
  if (action === "restart") return { method: "DELETE", path: pathOf(where, "/dynos") };
  if (action === "scale") {
    const updates = Object.entries(given.sizes ?? {}).map(([type, quantity]) => ({ type, quantity }));
    return { method: "PATCH", path: pathOf(where, "/formation"), body: { updates } };
  }
  if (action === "maintenance")
    return { method: "PATCH", path: pathOf(where), body: { maintenance: given.maintenance === "on" } };
  const to = releases.find((each) => `v${each.version}` === given.release && isEligible(each));
  return to === undefined ? null : { method: "POST", path: pathOf(where, "/releases"), body: { release: to.id } };
}
