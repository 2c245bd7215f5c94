import { randomBytes } from "node:crypto";
import { openJsonServer, type JsonServer } from "../json-server.ts";
import { until } from "../until.ts";
import { answer, error, type Cloud66, type User } from "./api.ts";
import { openLog, type TestLog } from "./log.ts";
import { containerOf, isAtRest, newStack, redeploy, step, type Stack } from "./stack.ts";

/**
 * Cloud 66 as its API shows it, with one stack of processes on two servers: strict where the real one is, with deployments
 * that are queued and take a moment. Written from the API's documents and from what its command line sends. What clients
 * changed stands in `effects`, which no client reads.
 */
export type TestCloud66 = {
  readonly url: string;
  readonly server: JsonServer;
  readonly stack: Stack;
  /** From which the stack's log is heard; another server, which the API does not name. */
  readonly log: TestLog;
  /** The scope and order of lists, and how many requests are left. */
  readonly api: Cloud66;
  /** A token with these scopes, those that Daytwo needs by default. */
  user(email: string, other?: Partial<User>): string;
  /** Somebody deploys a commit, or images of services as "web:v1". */
  deploys(...refs: string[]): Promise<void>;
  /** The stack's services run in containers, on this backend; those with a tag from an image, the others built from git. */
  isOf(
    backend: "docker" | "kubernetes",
    services: Readonly<Record<string, number>>,
    tags?: Readonly<Record<string, string>>,
  ): void;
  /** Everything that is under way stands still while this is true. */
  holdsBack(now: boolean): void;
  settles(): Promise<void>;
  readonly effects: readonly Effect[];
  close(): Promise<void>;
};
export type Effect = { readonly user: string; readonly what: string; readonly body: unknown; readonly token: string };

export const STACK = "5999b763474b0eafa5fafb64bff0ba80";
const ACCOUNT = 139;
const BUDGET = 3_000;
const STEP = 15; // ms between two moments of what moves by itself

/** A commit that begins so. */
export function commit(start: string): string {
  return start.padEnd(40, "0");
}

export async function openCloud66(): Promise<TestCloud66> {
  const stack = newStack(STACK);
  const users = new Map<string, User>();
  const effects: Effect[] = [];
  let holdsBack = false;
  const api: Cloud66 = {
    stacks: new Map([[STACK, { stack, account: ACCOUNT }]]),
    users,
    left: BUDGET,
    isOldestFirst: false,
    effect({ method, url, headers, body }, { email }) {
      const token = /\((.*)\)$/.exec(headers["user-agent"] ?? "")?.[1] ?? "";
      const what = `${method} ${url.pathname.replace(`/api/3/stacks/${STACK}`, "")}`;
      effects.push({ user: email, what, body: JSON.parse(body), token });
    },
  };
  const server = await openJsonServer({
    answer: (call) => answer(api, call),
    isChange: ({ method }) => method !== "GET",
    says: (status) => error(status, `The test says ${status}.`).body,
  });
  const log = await openLog();
  const timer = setInterval(() => {
    if (!holdsBack) step(stack);
    for (const line of stack.lines.splice(0)) log.says(STACK, line);
  }, STEP);
  function settles(): Promise<void> {
    return until("the stack to come to rest", () => isAtRest(stack));
  }
  return {
    url: server.url,
    server,
    stack,
    log,
    api,
    user(email, other = {}) {
      const token = randomBytes(32).toString("hex");
      users.set(token, { email, scopes: ["public", "redeploy", "admin", "reboot"], account: ACCOUNT, ...other });
      return token;
    },
    async deploys(...refs) {
      for (const ref of refs) stack.commits.add(ref);
      redeploy(stack, refs, "dana@example.com");
      await settles();
    },
    isOf(backend, services, tags = {}) {
      Object.assign(stack, { framework: "docker", backend });
      for (const [name, count] of Object.entries(services)) {
        const of = { image_name: `registry.example.com:5000/shop/${name}`, image_tag: tags[name] ?? "latest" };
        const service = { name, source_type: name in tags ? "image" : "git", ...of, desired_count: count } as const;
        stack.services.push({ ...service, containers: [] });
      }
      for (const service of stack.services)
        service.containers = Array.from({ length: service.desired_count }, () => containerOf(stack, service));
    },
    holdsBack: (now) => void (holdsBack = now),
    settles,
    effects,
    async close() {
      clearInterval(timer);
      await log.close();
      await server.close();
    },
  };
}
