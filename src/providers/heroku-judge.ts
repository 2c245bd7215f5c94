import type { Plan } from "../domain/action.ts";
import { currentOf, isUp, nameOf, newestAt, versionOf, type Core, type Dyno } from "./heroku-see.ts";
import type { Verdict } from "./provider.ts";

/** What an app shows of a plan that was, or may have been, applied: whoever did it, for Heroku keeps no token. */

export function judge(core: Core, plan: Plan): Verdict {
  if (plan.action === "scale") return ofSize(core, plan);
  return plan.action === "rollback" ? ofRelease(core, plan) : ofRestart(core, plan);
}

const UNTOUCHED: Verdict = { kind: "untouched", seen: "nothing was applied" };

function ofSize(core: Core, plan: Plan): Verdict {
  const sizes = Object.entries(plan.arguments.sizes ?? {});
  const now = new Map(core.formation.map(({ type, quantity }) => [type, quantity]));
  if (sizes.every(([type, wanted]) => now.get(type) === wanted))
    return ofDynos(
      core,
      sizes.map(([type]) => type),
      () => true,
    );
  const isBefore = sizes.every(([type]) => String(now.get(type)) === plan.changes[type]?.[0]);
  if (isBefore && versionOf(core) === plan.version) return UNTOUCHED;
  return { kind: "differs", seen: sizes.map(([type]) => `${type} is to be ${now.get(type) ?? 0}`).join(", ") };
}

/** Going back is a release of its own: by what it is a copy of, and never by its number. */
function ofRelease(core: Core, { version, arguments: { release: wanted } }: Plan): Verdict {
  const { releases } = core;
  const current = currentOf(core);
  const runs = current === undefined ? "no release" : nameOf(current, releases);
  const slug = releases.find((each) => `v${each.version}` === wanted)?.slug?.id;
  const ours = releases.find(
    (each) =>
      each.version > newestAt(version) &&
      nameOf(each, releases) === wanted &&
      (slug === undefined || each.slug?.id === slug),
  );
  if (ours === undefined)
    return versionOf(core) === version ? UNTOUCHED : { kind: "differs", seen: `release ${runs} runs` };
  const own = `v${ours.version}, a copy of ${wanted},`;
  if (ours.status === "pending") return { kind: "pending", seen: `${own} is in its release phase` };
  if (ours.status === "failed" || ours.status === "expired")
    return { kind: "failed", seen: `${own} failed in its release phase, and ${runs} still runs` };
  if (current?.version !== ours.version) return { kind: "differs", seen: `release ${runs} runs` };
  const up = ofDynos(
    core,
    core.formation.map(({ type }) => type),
    (dyno) => dyno.release.version === ours.version,
  );
  return { ...up, seen: `release ${wanted} as v${ours.version}, ${up.seen}` };
}

function ofRestart(core: Core, plan: Plan): Verdict {
  const before = Date.parse(/since (\S+)$/.exec(plan.changes["dynos"]?.[0] ?? "")?.[1] ?? "");
  function isNew(dyno: Dyno): boolean {
    return Date.parse(dyno.updated_at) > before;
  }
  if (!core.dynos.some(isNew))
    return versionOf(core) === plan.version ? UNTOUCHED : { kind: "differs", seen: "it was not restarted, and changed" };
  return ofDynos(
    core,
    core.formation.map(({ type }) => type),
    isNew,
  );
}

/** Whether as many as are wanted of these types are up, counting only those that `counts`. */
function ofDynos(core: Core, types: readonly string[], counts: (dyno: Dyno) => boolean): Verdict {
  const sizes = core.formation.filter(({ type }) => types.includes(type));
  const own = core.dynos.filter((dyno) => types.includes(dyno.type) && counts(dyno));
  const parts = sizes.map(({ type, quantity }) => {
    const of = own.filter((each) => each.type === type);
    return { type, quantity, there: of.length, up: of.filter(isUp).length };
  });
  const words = parts.map(({ type, quantity, up }) => `${up} of ${quantity} ${type} up`).join(", ");
  const crashed = own.find(({ state }) => state === "crashed");
  if (crashed !== undefined) return { kind: "failed", seen: `${crashed.name} crashed; ${words}` };
  const isThere = parts.every(({ quantity, there, up }) => up === quantity && there === quantity);
  return { kind: isThere ? "holds" : "pending", seen: words };
}
