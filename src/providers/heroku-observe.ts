import type { Target } from "../domain/catalog.ts";
import type { Observation, Release } from "../domain/observation.ts";
import { currentOf, isUp, mayScaleItself, nameOf, versionOf, type Around, type Core, type Made } from "./heroku-see.ts";

/** A look at an app, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  maintenance: "Maintenance",
  phase: "Release phase",
  autoscaling: "Autoscaling",
  made: "Heroku's release",
  youngest: "Last dyno since",
  database: "Database",
  certificates: "Certificates",
} as const;

export function observation(target: Target, core: Core, around: Around): Observation {
  const sizes = core.formation.map(({ type, quantity }) => {
    const own = core.dynos.filter((each) => each.type === type);
    const running = own.filter(({ state }) => state !== "crashed").length;
    return { process: type, wanted: quantity, running, healthy: own.filter(isUp).length };
  });
  const current = currentOf(core);
  const problem = problemOf(core);
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(core),
    health: healthOf(sizes, problem !== null),
    ...(problem === null ? {} : { problem }),
    ...(current === undefined ? {} : { release: nameOf(current, core.releases) }),
    releases: releasesOf(core),
    sizes,
    certificates: [],
    facts: factsOf(core, around),
  };
}

function healthOf(sizes: Observation["sizes"], isTroubled: boolean): Observation["health"] {
  const wanted = sizes.filter((each) => each.wanted > 0);
  if (wanted.length > 0 && wanted.every(({ healthy }) => healthy === 0)) return "down";
  return isTroubled || wanted.some((each) => each.healthy < each.wanted) ? "degraded" : "ok";
}

function problemOf(core: Core): string | null {
  const current = currentOf(core);
  const name = current === undefined ? "no release" : nameOf(current, core.releases);
  const crashed = [...new Set(core.dynos.filter(({ state }) => state === "crashed").map(({ type }) => type))];
  if (crashed.length > 0) return `${crashed.join(" and ")} of ${name} crashes`;
  const [newest] = core.releases;
  return newest?.status === "failed" ? `v${newest.version} failed in its release phase, and ${name} still runs` : null;
}

/**
 * Each thing that can be run once: what is current where it was made, everything else where it was last gone back to.
 * So what comes after the current one is what ran before it.
 */
function releasesOf(core: Core): Release[] {
  const { releases } = core;
  const current = currentOf(core);
  const own = current === undefined ? undefined : nameOf(current, releases);
  const found = new Map<string, Made>();
  for (const each of releases.filter((made) => made.current || canBeGoneBackTo(made))) {
    const name = nameOf(each, releases);
    if (name === own || !found.has(name)) found.set(name, each);
  }
  return [...found]
    .toSorted(([, a], [, b]) => b.version - a.version)
    .map(([name, { created_at: createdAt, user, description }]) => ({
      release: name,
      createdAt,
      ...(user === null || user === undefined ? {} : { createdBy: user.email }),
      summary: releases.find(({ version }) => `v${version}` === name)?.description ?? description,
    }));
}

function canBeGoneBackTo({ status, slug, eligible_for_rollback: eligible }: Made): boolean {
  return (status === "succeeded" || status === null) && slug !== null && eligible !== false;
}

function factsOf(core: Core, { maintenance, domains, databases }: Around): Observation["facts"] {
  const current = currentOf(core);
  const pending = core.releases.find(({ status }) => status === "pending");
  const itself = core.formation.find(mayScaleItself);
  const acm = domains.filter(({ acm_status: status }) => status !== null && status !== undefined);
  const youngest = core.dynos.map((each) => each.updated_at).toSorted();
  const facts: readonly (readonly [string, string | undefined])[] = [
    [FACT.maintenance, maintenance ? "on: nobody is served" : undefined],
    [FACT.phase, pending === undefined ? undefined : `v${pending.version} is in it`],
    [FACT.autoscaling, itself === undefined ? undefined : `web may have it, of size ${itself.size}`],
    [FACT.made, current === undefined ? undefined : `v${current.version}: ${current.description}`],
    [FACT.database, databases.map(({ name, plan, state }) => `${name} (${plan.name}, ${state})`).join(", ")],
    [FACT.certificates, acm.map((each) => `${each.hostname} ${certificateOf(each)}`).join(", ")],
    [FACT.youngest, youngest.at(-1)],
  ];
  return Object.fromEntries(
    facts.flatMap(([label, fact]) => (fact === undefined || fact === "" ? [] : [[label, fact]])),
  );
}

function certificateOf({ acm_status: status, acm_status_reason: why }: Around["domains"][number]): string {
  return why === null || why === undefined || why === "" ? `${status}` : `${status} (${why})`;
}
