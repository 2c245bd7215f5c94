import { randomBytes } from "node:crypto";
import { openJsonServer, type Call, type JsonServer, type Reply } from "../json-server.ts";
import { until } from "../until.ts";
import { ECS, type Ecs } from "./ecs.ts";
import { Refusal } from "./refusal.ts";
import { SCALING } from "./scaling.ts";
import { ACCOUNT, arnOf, deploys, IMAGES, isAtRest, stepService, type Service } from "./service.ts";
import { signedBy, type Person } from "./signature.ts";
import { actionOf, answerTo, refused, type Role } from "./sts.ts";

/**
 * An account at AWS, as far as its APIs for ECS, Application Auto Scaling and STS show it: strict where the real ones are,
 * with signatures that are made again and rollouts that take a moment and can fail halfway. Written from AWS' API reference.
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

const STEP = 15; // ms between two steps of ECS
const TARGETS = {
  AmazonEC2ContainerServiceV20141113: { service: "ecs", operations: ECS },
  AnyScaleFrontendService: { service: "application-autoscaling", operations: SCALING },
} as const;
const CHANGES = /\.(UpdateService|StopServiceDeployment|RegisterScalableTarget)$/;

export async function openAws(): Promise<TestAws> {
  const people = new Map<string, Person>();
  const roles = new Map<string, Role>();
  const effects: Effect[] = [];
  const called = new Set<string>();
  const troubles = new Map<string, { readonly reason: string; readonly exitCode?: number }>();
  let holdsBack = false;
  let throttled: { left: number; readonly operation: string | undefined } = { left: 0, operation: undefined };
  let asking: { readonly user: string; readonly token: string } | null = null;
  const ecs: Ecs = {
    services: new Map(),
    taskDefinitions: new Map(),
    page: 100,
    effect(action) {
      if (asking !== null) effects.push({ ...asking, action });
    },
  };

  /** @throws Refusal */
  function permit({ arn, actions }: Person, action: string): void {
    called.add(action);
    if (actions === null || actions.includes(action) || action === "sts:GetCallerIdentity") return;
    const code = action.startsWith("sts:") ? "AccessDenied" : "AccessDeniedException";
    throw new Refusal(
      action.startsWith("sts:") ? 403 : 400,
      code,
      `User: ${arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    );
  }
  function ofSts(call: Call): Reply {
    try {
      const { person, service } = signedBy(call, people);
      if (service !== "sts") throw new Refusal(403, "SignatureDoesNotMatch", "Credential should be scoped to sts.");
      permit(person, `sts:${actionOf(call.body)}`);
      return answerTo(call.body, person, { roles, people });
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      throw error;
    }
  }
  function ofJson(call: Call, target: string): Reply {
    try {
      const { person, service } = signedBy(call, people);
      const [prefix = "", operation = ""] = target.split(".");
      const api = TARGETS[prefix as keyof typeof TARGETS];
      const does = api?.operations[operation];
      if (does === undefined) throw new Refusal(400, "UnknownOperationException", "");
      if (api.service !== service)
        throw new Refusal(400, "InvalidSignatureException", `Credential should be scoped to correct service.`);
      permit(person, `${service}:${operation}`);
      if (throttled.left > 0 && operation === (throttled.operation ?? operation)) {
        throttled.left -= 1;
        throw new Refusal(400, "ThrottlingException", "Rate exceeded");
      }
      const token = /^daytwo \((.*)\)$/.exec(String(call.headers["user-agent"]))?.[1] ?? "";
      asking = { user: person.arn, token };
      return { status: 200, body: does(ecs, JSON.parse(call.body) as Record<string, unknown>), headers: JSON_TYPE };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message } = error;
      return { status, body: { __type: code, message }, headers: JSON_TYPE };
    } finally {
      asking = null;
    }
  }
  const server = await openJsonServer({
    answer(call) {
      const target = call.headers["x-amz-target"];
      return typeof target === "string" ? ofJson(call, target) : ofSts(call);
    },
    isChange: ({ headers }) => CHANGES.test(String(headers["x-amz-target"])),
    says: (status) => ({ __type: "AsTheTestSays", message: `the test says ${status}` }),
  });
  const timer = setInterval(() => {
    if (!holdsBack) for (const each of ecs.services.values()) stepService(each, troubles);
  }, STEP);

  function register(name: string, number: number): readonly string[] {
    const images = [`${IMAGES}/${name}:v${number}`];
    ecs.taskDefinitions.set(`${name}:${number}`, { images, isActive: true });
    return images;
  }
  function serviceCalled(name: string): Service {
    const found = ecs.services.get(name);
    if (found === undefined) throw new Error(`there is no service ${name}`);
    return found;
  }
  function settles(): Promise<void> {
    return until("ECS to come to rest", () => [...ecs.services.values()].every(isAtRest));
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
      ecs.services.set(name, service);
      await settles();
      return service;
    },
    deploys(name, number) {
      deploys(serviceCalled(name), arnOf("task-definition", `${name}:${number}`), register(name, number));
    },
    deregisters(release) {
      const { images = [] } = ecs.taskDefinitions.get(release) ?? {};
      ecs.taskDefinitions.set(release, { images, isActive: false });
    },
    crashes: (release) => void troubles.set(release, { reason: "Essential container in task exited", exitCode: 137 }),
    misses: (release) =>
      void troubles.set(release, {
        reason: `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${IMAGES}/${release}: not found`,
      }),
    holdsBack: (now) => void (holdsBack = now),
    throttles: (left, operation) => void (throttled = { left, operation }),
    pages: (size) => void (ecs.page = size),
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

const JSON_TYPE = { "content-type": "application/x-amz-json-1.1" };
