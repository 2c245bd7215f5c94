import { openJsonServer, type JsonServer } from "../json-server.ts";
import { until } from "../until.ts";
import { error, switchedOff, type World } from "./api.ts";
import { answerCompute, isChange } from "./compute.ts";
import { declare as declareDatabase, isAtRest, newDatabase, step as stepDatabase, type Database } from "./database.ts";
import { declare as declareGroup, isStable, newGroup, step as stepGroup, type Group } from "./group.ts";
import { answerRun } from "./run.ts";
import { declare, newService, servingOf, step, type Scaling, type Service, type Share } from "./service.ts";
import { answerSql } from "./sql.ts";
import { grant, keyOf, type Given } from "./tokens.ts";

/**
 * Google Cloud as its APIs show it, with one service on Cloud Run, one managed instance group and one Cloud SQL instance: strict where
 * the real ones are, with changes that take a moment and can fail. Written from the references. What clients changed stands in `effects`, which no client reads.
 */
export type TestGoogle = {
  /** Cloud Run's API. */
  readonly server: JsonServer;
  readonly service: Service;
  /** Compute Engine's API. */
  readonly compute: JsonServer;
  readonly group: Group;
  /** Cloud SQL's API. */
  readonly sql: JsonServer;
  readonly database: Database;
  /** All APIs at one address. */
  readonly all: JsonServer;
  /** Something more of the project's, by its path, under these labels. */
  runs(path: string, labels?: Record<string, string>): void;
  /** APIs that are switched off, where all are at one address: "compute.googleapis.com". */
  readonly off: Set<string>;
  /** Regions that Cloud Run and Cloud SQL do not reach at the moment. */
  readonly unreached: Set<string>;
  /** Somebody declares something else of the group. */
  declares(declared: Partial<Group>): void;
  /** The same of the database. */
  sets(declared: Database["declared"]): void;
  /** Where the service itself is. */
  readonly front: string;
  /** The JSON of a key, with these permissions, everything by default. */
  account(email: string, permissions?: readonly string[]): string;
  /** Somebody deploys an image, and declares how much of what there is to be. */
  deploys(image: string): void;
  scales(scaling: Scaling): void;
  splits(traffic: Share[]): void;
  /** An image that does not start; one that starts and answers with errors. */
  breaks(image: string): void;
  errs(image: string): void;
  /** Everything that is under way stands still while this is true. */
  holdsBack(now: boolean): void;
  settles(): Promise<void>;
  /** Every permission that anything took. */
  readonly demanded: ReadonlySet<string>;
  readonly effects: readonly Effect[];
  close(): Promise<void>;
};
export type Effect = { readonly user: string; readonly what: string; readonly token: string };

export const WHERE = { project: "acme-shop", region: "europe-west1", service: "shop" };
export const GROUP = { project: "acme-shop", zone: "europe-west1-b", group: "shop" };
export const DATABASE = { project: "acme-shop", database: "shop-db" };
const PATH = `projects/${WHERE.project}/locations/${WHERE.region}/services/${WHERE.service}`;
const GROUP_PATH = `projects/${GROUP.project}/zones/${GROUP.zone}/instanceGroupManagers/${GROUP.group}`;
const DATABASE_PATH = `projects/${DATABASE.project}/instances/${DATABASE.database}`;
const ALL = [
  "run.services.get",
  "run.services.list",
  "run.services.update",
  "run.revisions.list",
  "iam.serviceAccounts.actAs",
  "compute.instanceGroupManagers.get",
  "compute.instanceGroupManagers.list",
  "compute.instanceGroupManagers.update",
  "compute.instanceTemplates.useReadOnly",
  "compute.autoscalers.get",
  "cloudsql.instances.get",
  "cloudsql.instances.list",
  "cloudsql.instances.restart",
  "cloudsql.backupRuns.list",
  "cloudsql.backupRuns.create",
];
const APIS = [
  ["/compute/", "compute.googleapis.com"],
  ["/v1/", "sqladmin.googleapis.com"],
] as const;
const SOMEBODY = "dana@example.com";
const STEP = 15; // ms between two moments of what moves by itself

export async function openGoogle(): Promise<TestGoogle> {
  const given = new Map<string, Given>();
  const permissions = new Map<string, ReadonlySet<string>>();
  const demanded = new Set<string>();
  const effects: Effect[] = [];
  const erring = new Set<string>();
  const off = new Set<string>();
  const unreached = new Set<string>();
  let holdsBack = false;

  const front = await openJsonServer({
    answer() {
      const image = servingOf(service)?.template.containers[0]?.image ?? "";
      return { status: image === "" || erring.has(image) ? 500 : 200, body: {} };
    },
    isChange: () => false,
    says: () => ({}),
  });
  const service = newService(PATH, front.url);
  const group = newGroup(GROUP_PATH, 3);
  const services = new Map([[PATH, service]]);
  const groups = new Map([[GROUP_PATH, group]]);
  const database = newDatabase(DATABASE_PATH);
  const databases = new Map([[DATABASE_PATH, database]]);
  const world: World = {
    given,
    permissions,
    demanded,
    unreached,
    effect: (user, what, token) => void effects.push({ user, what, token }),
  };
  const tokens = await openJsonServer({
    answer: (call) => grant(call, new Set(permissions.keys()), given),
    isChange: () => false,
    says: () => ({}),
  });
  const server = await openJsonServer({
    answer: (call) => answerRun(world, call, services),
    isChange: ({ method }) => method === "PATCH",
    says: (status) => error(status, `The test says ${status}.`).body,
  });
  const compute = await openJsonServer({
    answer: (call) => answerCompute(world, call, groups),
    isChange,
    says: (status) => error(status, `The test says ${status}.`).body,
  });
  const sql = await openJsonServer({
    answer: (call) => answerSql(world, call, databases),
    isChange: ({ method }) => method === "POST",
    says: (status) => error(status, `The test says ${status}.`).body,
  });
  const all = await openJsonServer({
    answer(call) {
      const api = APIS.find(([start]) => call.url.pathname.startsWith(start))?.[1] ?? "run.googleapis.com";
      if (off.has(api)) return switchedOff(api);
      if (api === "sqladmin.googleapis.com") return answerSql(world, call, databases);
      return api === "compute.googleapis.com" ? answerCompute(world, call, groups) : answerRun(world, call, services);
    },
    isChange: () => false,
    says: (status) => error(status, `The test says ${status}.`).body,
  });
  const timer = setInterval(() => {
    if (holdsBack) return;
    step(service);
    stepGroup(group);
    stepDatabase(database);
  }, STEP);
  return {
    server,
    service,
    compute,
    group,
    sql,
    database,
    all,
    runs(path, labels = {}) {
      if (path.includes("/services/")) services.set(path, { ...newService(path, front.url), labels });
      else if (path.includes("/instances/")) databases.set(path, { ...newDatabase(path), labels });
      else groups.set(path, { ...newGroup(path, 1), labels });
    },
    off,
    unreached,
    declares: (declared) => declareGroup(group, declared),
    sets: (declared) => declareDatabase(database, declared),
    front: front.url,
    account(email, may = ALL) {
      permissions.set(email, new Set(may));
      return keyOf(email, `${tokens.url}/token`);
    },
    deploys(image) {
      declare(service, { template: { ...service.template, containers: [{ image }] } }, SOMEBODY);
    },
    scales: (scaling) => declare(service, { scaling }, SOMEBODY),
    splits: (traffic) => declare(service, { traffic }, SOMEBODY),
    breaks: (image) => void service.broken.add(image),
    errs: (image) => void erring.add(image),
    holdsBack: (now) => void (holdsBack = now),
    settles: () =>
      until("everything to come to rest", () => !service.reconciling && isStable(group) && isAtRest(database)),
    demanded,
    effects,
    async close() {
      clearInterval(timer);
      await Promise.all([server.close(), compute.close(), sql.close(), all.close(), tokens.close(), front.close()]);
    },
  };
}
