import { randomBytes } from "node:crypto";
import { openJsonServer, type Call, type JsonServer, type Reply } from "../json-server.ts";
import { until } from "../until.ts";
import { ACM, arnOf as certificateArn, type Acm, type Certificate } from "./acm.ts";
import { ECS, type Ecs } from "./ecs.ts";
import { isQuiet, stepGroup, type Group } from "./group.ts";
import { GROUPS, refreshes, type Groups } from "./groups.ts";
import { actionIn, inputIn, refused, told, type QueryApi } from "./query.ts";
import { RDS, stepDatabase, type Database, type Rds } from "./rds.ts";
import { Refusal } from "./refusal.ts";
import { SCALING } from "./scaling.ts";
import { ACCOUNT, arnOf, deploys, IMAGES, isAtRest, stepService, type Service } from "./service.ts";
import { signedBy, type Person } from "./signature.ts";
import { STS, type Role, type Sts } from "./sts.ts";

/**
 * An account at AWS, as far as its APIs for ECS, Auto Scaling, ACM, RDS and STS show it: strict where the real ones are,
 * with signatures that are made again, and changes that take a moment and can fail halfway. Written from AWS' API reference.
 * What clients changed stands in `effects`, which no client reads.
 */
export type TestAws = {
  readonly server: JsonServer;
  /** A key of a user who may do these actions, all by default. */
  user(name: string, actions?: readonly string[]): { readonly id: string; readonly secret: string };
  /** The keys of that user are taken away. */
  forgets(name: string): void;
  /** A role that every user may assume, for so many ms. @returns its ARN */
  role(name: string, actions?: readonly string[] | null, lasts?: number): string;
  /** Adds a service that runs the task definition of the first number, and waits until its tasks are there. */
  runs(name: string, more?: Partial<Service> & { readonly number?: number }): Promise<Service>;
  /** Somebody registers the next task definition and deploys it. */
  deploys(name: string, number: number): void;
  /** Somebody deregisters one. */
  deregisters(release: string): void;
  /** Its tasks end as soon as they are started; its image is not there. */
  crashes(release: string): void;
  misses(release: string): void;
  /** Adds an Auto Scaling group, and waits until its instances are there. */
  groups(name: string, more?: Partial<Group>): Promise<Group>;
  /** Somebody refreshes a group: to another version, or with equal ones. */
  refreshes(name: string, version: string | null): void;
  /** Adds a certificate of ACM, issued and in use. @returns its ARN, and itself */
  certificate(domain: string, more?: Partial<Certificate>): { readonly arn: string; readonly own: Certificate };
  /** Adds an instance of RDS. */
  database(name: string, more?: Partial<Database>): Database;
  /** Everything that is under way stands still while this is true. */
  holdsBack(now: boolean): void;
  /** The next so many requests of this operation, or of any, are too many: 400, as these APIs say it. */
  throttles(count: number, operation?: string): void;
  /** Lists come in pages of so many. */
  pages(size: number): void;
  settles(): Promise<void>;
  readonly effects: readonly Effect[];
  /** Of the roles that were assumed. */
  readonly sessions: readonly { readonly secret: string; readonly token?: string }[];
  /** The actions that were asked for, as IAM calls them. */
  readonly called: ReadonlySet<string>;
  close(): Promise<void>;
};
export type Effect = { readonly user: string; readonly action: string; readonly token: string };

const STEP = 15; // ms between two steps of what is under way
const TARGETS = {
  AmazonEC2ContainerServiceV20141113: { service: "ecs", operations: ECS },
  CertificateManager: { service: "acm", operations: ACM },
  AnyScaleFrontendService: { service: "application-autoscaling", operations: SCALING },
} as const;
type World = Acm & Ecs & Groups & Rds & Sts;
const QUERY_APIS: readonly QueryApi<World>[] = [STS, GROUPS, RDS];
const CHANGES = /^(Update|Stop|Register|Start|Rollback|Set|Create|Modify|Apply)/;

export async function openAws(): Promise<TestAws> {
  const people = new Map<string, Person>();
  const roles = new Map<string, Role>();
  const effects: Effect[] = [];
  const called = new Set<string>();
  const troubles = new Map<string, { readonly reason: string; readonly exitCode?: number }>();
  let holdsBack = false;
  let throttled: { left: number; readonly operation: string | undefined } = { left: 0, operation: undefined };
  let asking: { readonly user: string; readonly token: string } | null = null;
  const world: Omit<World, "person" | "permits"> = {
    roles,
    people,
    services: new Map(),
    groups: new Map(),
    certificates: new Map(),
    databases: new Map(),
    taskDefinitions: new Map(),
    page: 100,
    effect(action) {
      if (asking !== null) effects.push({ ...asking, action });
    },
  };

  /** @throws Refusal, as the protocol by which it was asked has it */
  function permit({ arn, actions }: Person, action: string, isQuery: boolean): void {
    called.add(action);
    if (actions === null || actions.includes(action) || action === "sts:GetCallerIdentity") return;
    throw new Refusal(
      isQuery ? 403 : 400,
      isQuery ? "AccessDenied" : "AccessDeniedException",
      `User: ${arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    );
  }
  function throttle(operation: string): void {
    if (throttled.left === 0 || operation !== (throttled.operation ?? operation)) return;
    throttled.left -= 1;
    throw new Refusal(400, "ThrottlingException", "Rate exceeded");
  }
  /** Does it as somebody, whose token is kept with the effects. */
  function as(person: Person, { headers }: Call, does: (world: World) => object): object {
    const token = /^daytwo \((.*)\)$/.exec(String(headers["user-agent"]))?.[1] ?? "";
    asking = { user: person.arn, token };
    try {
      return does({ ...world, person, permits: (action) => permit(person, action, true) });
    } finally {
      asking = null;
    }
  }
  function byQuery(call: Call): Reply {
    let namespace = STS.namespace;
    try {
      const { person, service } = signedBy(call, people);
      const api = QUERY_APIS.find((each) => each.service === service);
      if (api === undefined) throw new Refusal(403, "SignatureDoesNotMatch", "Credential should be scoped to this.");
      ({ namespace } = api);
      const action = actionIn(call.body, api.version);
      const does = api.operations[action];
      if (does === undefined) throw new Refusal(400, "InvalidAction", `Could not find operation ${action}.`);
      permit(person, `${service}:${action}`, true);
      throttle(action);
      const result = as(person, call, (all) => does(all, inputIn(call.body)));
      return told(api, action, result);
    } catch (error) {
      if (error instanceof Refusal) return refused(error, namespace);
      throw error;
    }
  }
  function byJson(call: Call, target: string): Reply {
    try {
      const { person, service } = signedBy(call, people);
      const [prefix = "", operation = ""] = target.split(".");
      const api = TARGETS[prefix as keyof typeof TARGETS];
      const does = api?.operations[operation];
      if (does === undefined) throw new Refusal(400, "UnknownOperationException", "");
      if (api.service !== service)
        throw new Refusal(400, "InvalidSignatureException", `Credential should be scoped to correct service.`);
      permit(person, `${service}:${operation}`, false);
      throttle(operation);
      const input = JSON.parse(call.body) as Record<string, unknown>;
      return { status: 200, body: as(person, call, (all) => does(all, input)), headers: JSON_TYPE };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message } = error;
      return { status, body: { __type: code, message }, headers: JSON_TYPE };
    }
  }
  const server = await openJsonServer({
    answer(call) {
      const target = call.headers["x-amz-target"];
      return typeof target === "string" ? byJson(call, target) : byQuery(call);
    },
    isChange: ({ headers, body }) => CHANGES.test(operationOf(headers["x-amz-target"], body)),
    says: (status) => ({ __type: "AsTheTestSays", message: `the test says ${status}` }),
  });
  const timer = setInterval(() => {
    if (holdsBack) return;
    for (const each of world.services.values()) stepService(each, troubles);
    for (const each of world.groups.values()) stepGroup(each);
    for (const each of world.databases.values()) stepDatabase(each);
  }, STEP);

  function register(name: string, number: number): readonly string[] {
    const images = [`${IMAGES}/${name}:v${number}`];
    world.taskDefinitions.set(`${name}:${number}`, { images, isActive: true });
    return images;
  }
  function serviceCalled(name: string): Service {
    const found = world.services.get(name);
    if (found === undefined) throw new Error(`there is no service ${name}`);
    return found;
  }
  function settles(): Promise<void> {
    return until(
      "AWS to come to rest",
      () => [...world.services.values()].every(isAtRest) && [...world.groups.values()].every(isQuiet),
    );
  }
  return {
    server,
    user(name, actions) {
      const [id, secret] = [`AKIA${randomBytes(8).toString("hex").toUpperCase()}`, randomBytes(20).toString("hex")];
      people.set(id, { arn: `arn:aws:iam::${ACCOUNT}:user/${name}`, secret, actions: actions ?? null });
      return { id, secret };
    },
    forgets(name) {
      for (const [id, { arn }] of people) if (arn.endsWith(`:user/${name}`)) people.delete(id);
    },
    role(name, actions = null, lasts = 3_600_000) {
      const arn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
      roles.set(arn, { actions, lasts });
      return arn;
    },
    async runs(name, { number = 140, ...more } = {}) {
      const service: Service = {
        name,
        controller: "ECS",
        scheduling: "REPLICA",
        tags: {},
        breaker: null,
        wanted: 2,
        deployments: [],
        history: [],
        events: [],
        stopped: [],
        bounds: null,
        ...more,
      };
      deploys(service, arnOf("task-definition", `${name}:${number}`), register(name, number));
      world.services.set(name, service);
      await settles();
      return service;
    },
    deploys(name, number) {
      deploys(serviceCalled(name), arnOf("task-definition", `${name}:${number}`), register(name, number));
    },
    deregisters(release) {
      const { images = [] } = world.taskDefinitions.get(release) ?? {};
      world.taskDefinitions.set(release, { images, isActive: false });
    },
    crashes: (release) => void troubles.set(release, { reason: "Essential container in task exited", exitCode: 137 }),
    misses: (release) =>
      void troubles.set(release, {
        reason: `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${IMAGES}/${release}: not found`,
      }),
    async groups(name, more = {}) {
      const group: Group = {
        name,
        tags: {},
        min: 1,
        max: 8,
        wanted: 2,
        version: "12",
        latest: 12,
        isMixed: false,
        weight: null,
        instances: [],
        suspended: [],
        policies: [],
        demand: null,
        refreshes: [],
        activities: [],
        broken: new Set(),
        patience: 3,
        ...more,
      };
      world.groups.set(name, group);
      await settles();
      return group;
    },
    refreshes(name, version) {
      const group = world.groups.get(name);
      if (group === undefined) throw new Error(`there is no group ${name}`);
      group.latest = Math.max(group.latest, Number(version ?? 0));
      refreshes(group, version);
    },
    certificate(domain, more = {}) {
      const own: Certificate = {
        domain,
        status: "ISSUED",
        type: "AMAZON_ISSUED",
        method: "DNS",
        endsAt: new Date(Date.now() + 100 * 86_400_000),
        isUsed: true,
        renewal: null,
        ...more,
      };
      world.certificates.set(certificateArn(domain), own);
      return { arn: certificateArn(domain), own };
    },
    database(name, more = {}) {
      const own: Database = {
        name,
        engine: "postgres",
        tags: {},
        storage: 100,
        grows: null,
        status: "available",
        waiting: {},
        making: null,
        cluster: null,
        hasStandby: true,
        retention: 7,
        restorable: null,
        snapshots: [],
        maintenance: [],
        ofCluster: [],
        isBroken: false,
        ...more,
      };
      world.databases.set(name, own);
      return own;
    },
    holdsBack: (now) => void (holdsBack = now),
    throttles: (left, operation) => void (throttled = { left, operation }),
    pages: (size) => void (world.page = size),
    settles,
    effects,
    get sessions() {
      return [...people.values()].filter(({ token }) => token !== undefined);
    },
    called,
    async close() {
      clearInterval(timer);
      await server.close();
    },
  };
}

function operationOf(target: unknown, body: string): string {
  if (typeof target === "string") return target.replace(/^.*\./, "");
  return new URLSearchParams(body).get("Action") ?? "";
}

const JSON_TYPE = { "content-type": "application/x-amz-json-1.1" };
