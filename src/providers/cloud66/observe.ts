import type { Target } from "../../domain/catalog.ts";
import type { Observation, Release } from "../../domain/observation.ts";
import { told } from "../facts.ts";
import { settings } from "./api.ts";
import { whyReboot, type Around, type Backup, type Certificate, type Server } from "./around.ts";
import {
  isOfContainers,
  imagesOf,
  isOfMaintenance,
  liveOf,
  modeOf,
  nameOf,
  releaseOf,
  saidOf,
  stateOf,
  underWayOf,
  versionOf,
  type Core,
  type Deployment,
} from "./see.ts";

/** A look at a stack, as every provider tells of one. */

/** What else is told of it, under these names; plans go by some of them. */
export const FACT = {
  underWay: "Under way",
  containers: "Runs in",
  processes: "Processes",
  servers: "Servers",
  backups: "Last backups",
  certificates: "Certificates",
  lastAction: "Last action",
} as const;

export function observation(target: Target, core: Core, around: Around): Observation {
  const live = liveOf(core);
  const problem = problemOf(core);
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionOf(core),
    health: healthOf(core, problem !== null),
    ...(problem === null ? {} : { problem }),
    ...(live === undefined && imagesOf(core).size === 0 ? {} : { release: releaseOf(core) }),
    releases: releasesOf(core),
    ...(isOfContainers(core.stack) ? { memory: memoryOf(target, core) } : {}),
    sizes: core.parts.map(({ name, wanted, running, healthy }) => ({ process: name, wanted, running, healthy })),
    certificates: [],
    ...maintenanceOf(core),
    ...(around.servers.length === 0 ? {} : { servers: around.servers.map(machineOf) }),
    facts: { ...factsOf(core, around), ...around.unseen },
  };
}

/** Of a stack's and a server's health, in Cloud 66's own words. */
const HEALTH: Readonly<Record<number, string>> = {
  0: "unknown",
  1: "building",
  2: "impaired",
  3: "healthy",
  4: "failed",
};
const IMPAIRED = 2;
const HEALTHY = 3;
const BROKEN = 4;

/** While it is built or deployed nobody is woken: how that ends is told. */
function healthOf(core: Core, isTroubled: boolean): Observation["health"] {
  const { health } = core.stack;
  if (health === BROKEN) return "down";
  const isShort = core.parts.some(({ wanted, healthy }) => healthy < wanted);
  if (isTroubled || isShort) return "degraded";
  return health === HEALTHY || underWayOf(core) !== null ? "ok" : "unknown";
}

function problemOf(core: Core): string | null {
  const { health } = core.stack;
  const release = releaseOf(core);
  if (health === BROKEN || health === IMPAIRED)
    return `Cloud 66 calls its health ${HEALTH[health]}, with ${release} live`;
  const [last] = core.deployments;
  if (last === undefined || stateOf(last) !== "failed") return null;
  return `${saidOf(last)} failed, and ${release} is live`;
}

/**
 * What can be gone back to, and what runs: each commit once, as it was deployed first, so that going back to one does not
 * make it the newest. Of images only what runs: no deployment says which it brought.
 */
function releasesOf(core: Core): Release[] {
  const { stack, deployments } = core;
  const [last] = deployments;
  if (imagesOf(core).size > 0) return last === undefined ? [] : [signed(releaseOf(core), last)];
  if (isOfContainers(stack)) return [];
  const ran = deployments.filter((each) => (each.git_hash ?? "") !== "" && stateOf(each) === "succeeded");
  const first = new Map(ran.map((each) => [nameOf(each), each]));
  return [...first.values()].toSorted((a, b) => b.id - a.id).map((each) => signed(nameOf(each), each));
}

function signed(release: string, { id, started_at: start, finished_at: end, triggered_by: by }: Deployment): Release {
  const createdBy = (by ?? "") === "" ? {} : { createdBy: `${by}` };
  return { release, createdAt: start ?? end ?? "", ...createdBy, summary: `deployment ${id}` };
}

/** What half a deployment has brought is nothing to go back to. */
function memoryOf({ settings: where }: Target, core: Core): Observation["memory"] {
  const [last] = core.deployments;
  const isWhole = last !== undefined && stateOf(last) === "succeeded" && underWayOf(core) === null;
  return { of: settings.parse(where).stack, takes: isWhole };
}

/** The last that Cloud 66 did of that kind is what turned it on. */
function maintenanceOf(core: Core): Pick<Observation, "maintenance"> {
  const mode = modeOf(core);
  if (mode !== "on") return mode === undefined ? {} : { maintenance: { mode } };
  const last = core.actions.find((each) => isOfMaintenance(each) && each.finished_success === true);
  const at = new Date(last?.finished_at ?? "");
  return { maintenance: { mode, ...(Number.isNaN(at.getTime()) ? {} : { since: at.toISOString() }) } };
}

function factsOf(core: Core, { servers, backups, certificates }: Around): Observation["facts"] {
  const { framework, backend } = core.stack;
  const [last] = core.actions;
  return told([
    [FACT.underWay, underWayOf(core)],
    [FACT.servers, servers.map(serverOf).join(", ")],
    [FACT.backups, backups.map(backupOf).join(", ")],
    [FACT.certificates, certificates.map(certificateOf).join(", ")],
    [FACT.containers, isOfContainers(core.stack) ? `containers (${backend ?? framework})` : null],
    [
      FACT.processes,
      core.parts
        .filter((each) => Object.keys(each.servers).length > 0)
        .map(spreadOf)
        .join("; "),
    ],
    [FACT.lastAction, last === undefined ? null : `${last.id} (${last.action})`],
  ]);
}

function machineOf(server: Server): NonNullable<Observation["servers"]>[number] {
  const needsReboot = whyReboot(server);
  const roles = server.server_roles ?? [];
  return { name: server.name, roles, ...(needsReboot === undefined ? {} : { needsReboot }) };
}

/** "worker on Caribou 2, Jackal 1": behind `token:` they would be taken for a secret. */
function spreadOf({ name, servers }: Core["parts"][number]): string {
  const each = Object.entries(servers).map(([server, count]) => `${server} ${count}`);
  return `${name} on ${each.join(", ")}`;
}

/** "Caribou healthy, and needs a reboot (kernel was updated)" */
function serverOf(server: Server): string {
  const why = whyReboot(server);
  const needs = why === undefined ? "" : `, and needs a reboot${why === "" ? "" : ` (${why})`}`;
  return `${server.name} ${HEALTH[server.health_state ?? 0] ?? "unknown"}${needs}`;
}

const CHECKED: Readonly<Record<number, string>> = {
  2: ", verified",
  3: ", its verification failed",
  4: ", not verifiable",
};

/** "mysql shop 2026-11-29T02:00:00Z, verified" */
function backupOf({ db_type: type, database_name: name, backup_date_iso: at, ...each }: Backup): string {
  const failed = each.backup_status === 0 ? "" : ", failed";
  return `${[type, name ?? ""].join(" ").trim()} ${at}${failed}${CHECKED[each.verify_status ?? 0] ?? ""}`;
}

const INSTALLED: Readonly<Record<number, string>> = {
  0: ", not installed",
  1: ", being installed",
  2: ", could not be installed",
  4: ", being removed",
};

/** Of one that does what it is there for nothing is said. */
function standingOf({ status }: Certificate): string {
  if (typeof status === "string") return status === "active" ? "" : `, ${status}`;
  return INSTALLED[status ?? -1] ?? "";
}

/** "shop.example.com until 2027-01-24T00:00:00Z" */
function certificateOf(certificate: Certificate): string {
  const { server_names: names, expires_at: end } = certificate;
  return `${names ?? "a certificate"}${(end ?? "") === "" ? "" : ` until ${end}`}${standingOf(certificate)}`;
}
