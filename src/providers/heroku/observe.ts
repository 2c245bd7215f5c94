import type { Target } from "../../domain/catalog.ts";
import type { Observation, Release } from "../../domain/observation.ts";
import { backupFacts, backupsSeen } from "./capture.ts";
import { blockedFacts } from "./refresh.ts";
import { told } from "../facts.ts";
import {
  currentOf,
  isEligible,
  isOriginal,
  isUp,
  lastChangeOf,
  mayScaleItself,
  nameOf,
  UNSEEN,
  versionOf,
  type Around,
  type Core,
} from "./see.ts";

/** A look at an app, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  phase: "Release phase",
  copy: "Heroku's number",
  autoscaling: "Autoscaling",
  database: "Database",
  certificates: "Certificates",
  lastChange: "Last dyno change",
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
    ...backupsSeen(around.backups),
    ...(core.maintenance === undefined ? {} : { maintenance: { mode: core.maintenance } }),
    facts: {
      ...factsOf(core, around),
      ...backupFacts(around.backups),
      ...blockedFacts(around.domains),
      ...core.unseen,
      ...around.unseen,
    },
  };
}

/** With each release all dynos start at once: that none is up yet is no reason to wake anybody. */
function healthOf(sizes: Observation["sizes"], isTroubled: boolean): Observation["health"] {
  const wanted = sizes.filter((each) => each.wanted > 0);
  if (wanted.length > 0 && wanted.every(({ running }) => running === 0)) return "down";
  return isTroubled || wanted.some((each) => each.healthy < each.wanted) ? "degraded" : "ok";
}

function problemOf(core: Core): string | null {
  const current = currentOf(core);
  const none = UNSEEN.releases in core.unseen ? "its release" : "no release";
  const name = current === undefined ? none : `release ${nameOf(current, core.releases)}`;
  const crashed = core.formation.filter(({ type }) =>
    core.dynos.some((each) => each.type === type && each.state === "crashed"),
  );
  if (crashed.length > 0) return `${crashed.map(({ type }) => type).join(" and ")} crashed in ${name}`;
  const [newest] = core.releases;
  return newest?.status === "failed" ? `v${newest.version} failed in its release phase, and ${name} still runs` : null;
}

/** What can be gone back to, each once, and what runs: as it was made first, not as a copy where that can be seen. */
function releasesOf({ releases }: Core): Release[] {
  const offered = releases.filter((made) => made.current || (isEligible(made) && isOriginal(made)));
  // The newest first: of two of one name the original is the later in this order.
  const named = new Map(offered.map((made) => [nameOf(made, releases), made]));
  return [...named]
    .map(([name, { created_at: createdAt, user, description }]) => ({
      release: name,
      createdAt,
      ...(user === null || user === undefined ? {} : { createdBy: user.email }),
      summary: description,
    }))
    .toSorted((a, b) => Number(b.release.slice(1)) - Number(a.release.slice(1)));
}

function factsOf(core: Core, { domains, databases }: Around): Observation["facts"] {
  const current = currentOf(core);
  const isCopy = current !== undefined && !isOriginal(current);
  const pending = core.releases.find(({ status }) => status === "pending");
  const itself = core.formation.find(mayScaleItself);
  const acm = domains.filter((each) => (each.acm_status ?? "") !== "");
  return told([
    [FACT.phase, pending === undefined ? undefined : `v${pending.version} is in it`],
    [FACT.copy, isCopy ? `v${current.version} (${current.description})` : undefined],
    [FACT.autoscaling, itself === undefined ? undefined : `web may have it, of size ${itself.size}`],
    [FACT.database, databases.map(({ name, plan, state }) => `${name} (${plan.name}, ${state})`).join(", ")],
    [FACT.certificates, acm.map((each) => `${each.hostname ?? ""} ${certificateOf(each)}`).join(", ")],
    [FACT.lastChange, lastChangeOf(core)],
  ]);
}

/** "failing (CDN not returning HTTP challenge)" */
function certificateOf({ acm_status: status, acm_status_reason: why }: Around["domains"][number]): string {
  return (why ?? "") === "" ? `${status}` : `${status} (${why})`;
}
