import type { Plan } from "../../domain/action.ts";
import { lastChangeBefore } from "./plan.ts";
import { currentOf, isUp, nameOf, newestAt, UNSEEN, versionOf, type Core, type Dyno } from "./see.ts";
import { mustSee } from "../sight.ts";
import type { Verdict } from "../provider.ts";

/** What an app shows of a plan that was, or may have been, applied: whoever did it, for Heroku keeps no token. */

/** `since`: after when a dyno must have changed its state to be one that was restarted. */
export function judge(core: Core, plan: Plan, since = lastChangeBefore(plan)): Verdict {
  if (plan.action === "scale") return ofSize(core, plan);
  if (plan.action === "maintenance") return ofMaintenance(core, plan);
  return plan.action === "rollback" ? ofRelease(core, plan) : ofRestart(core, plan, since);
}

/** Of what shows nothing of the plan. */
function otherwise(core: Core, { version }: Plan, now: string): Verdict {
  const isSame = versionOf(core) === version;
  return isSame ? { kind: "untouched", seen: "nothing was applied" } : { kind: "differs", seen: now };
}

function ofSize(core: Core, plan: Plan): Verdict {
  const sizes = Object.entries(plan.arguments.sizes ?? {});
  const now = new Map(core.formation.map(({ type, quantity }) => [type, quantity]));
  const { isThere, words } = dynosOf(core, ({ type }) => sizes.some(([own]) => own === type));
  if (sizes.every(([type, wanted]) => now.get(type) === wanted))
    return { kind: isThere ? "holds" : "pending", seen: words };
  const seen = sizes.map(([type]) => `${type} is to be ${now.get(type) ?? 0}`).join(", ");
  // The version does not count what may scale itself.
  const isBefore = sizes.every(([type]) => String(now.get(type)) === plan.changes[type]?.[0]);
  return isBefore ? otherwise(core, plan, `${seen}, and it changed`) : { kind: "differs", seen };
}

function ofMaintenance(core: Core, plan: Plan): Verdict {
  const seen = `maintenance mode is ${core.maintenance ?? "not told"}`;
  return core.maintenance === plan.arguments.maintenance ? { kind: "holds", seen } : otherwise(core, plan, seen);
}

/** Going back is a release of its own: by what it is a copy of, and never by its number. */
function ofRelease(core: Core, plan: Plan): Verdict {
  mustSee(core, UNSEEN.releases);
  const { releases } = core;
  const wanted = plan.arguments.release;
  const current = currentOf(core);
  const runs = current === undefined ? "no release runs" : `release ${nameOf(current, releases)} runs`;
  const made = releases.find((each) => each.version > newestAt(plan.version) && nameOf(each, releases) === wanted);
  if (made === undefined) return otherwise(core, plan, runs);
  const own = `v${made.version}, a copy of ${wanted},`;
  if (made.status === "pending") return { kind: "pending", seen: `${own} is in its release phase` };
  if (made.status === "failed" || made.status === "expired")
    return { kind: "failed", seen: `${own} failed in its release phase; ${runs}` };
  if (current?.version !== made.version) return { kind: "differs", seen: runs };
  return afresh(core, (dyno) => dyno.release.version === made.version, `release ${wanted} as v${made.version}, `);
}

function ofRestart(core: Core, plan: Plan, since: string | undefined): Verdict {
  const before = Date.parse(since ?? "");
  function isNew(dyno: Dyno): boolean {
    return Date.parse(dyno.updated_at) > before;
  }
  if (!core.dynos.some(isNew)) return otherwise(core, plan, "it was not restarted, and it changed");
  return afresh(core, isNew, "");
}

/** Whether all dynos are such, and up. One that crashed right away is no success, though Heroku starts it again. */
function afresh(core: Core, counts: (dyno: Dyno) => boolean, what: string): Verdict {
  const { isThere, crashed, words } = dynosOf(core, ({ quantity }) => quantity > 0, counts);
  if (crashed !== undefined) return { kind: "failed", seen: `${what}${crashed.name} crashed, ${words}` };
  return { kind: isThere ? "holds" : "pending", seen: `${what}${words}` };
}

/** How many of the dynos that are wanted of these types are there, counting only such. */
function dynosOf(
  core: Core,
  isOf: (size: Core["formation"][number]) => boolean,
  counts: (dyno: Dyno) => boolean = () => true,
): { isThere: boolean; crashed: Dyno | undefined; words: string } {
  const own = core.dynos.filter(counts);
  const parts = core.formation.filter(isOf).map(({ type, quantity }) => {
    const of = own.filter((each) => each.type === type);
    return { type, quantity, there: of.length, up: of.filter(isUp).length };
  });
  return {
    // One that is to go is still there until it has gone.
    isThere: parts.every(({ quantity, there, up }) => up === quantity && there === quantity),
    crashed: own.find(({ state }) => state === "crashed"),
    words: parts.map(({ type, quantity, up }) => `${up} of ${quantity} ${type} up`).join(", ") || "no dyno is to run",
  };
}
