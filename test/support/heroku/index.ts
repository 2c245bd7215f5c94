import { randomUUID } from "node:crypto";
import { openJsonServer, type JsonServer } from "../json-server.ts";
import { until } from "../until.ts";
import { answer, error, type Heroku, type User } from "./api.ts";
import { answerData } from "./data.ts";
import { addon, type Addon } from "./postgres.ts";
import {
  configOf,
  currentOf,
  isAtRest,
  newApp,
  newDyno,
  now,
  release,
  scale,
  step,
  type App,
  type Config,
} from "./app.ts";

/**
 * Heroku as its Platform API and its data API show it, with an app and another one that does nothing: strict where the real one is, with releases and dynos that take a
 * moment and can fail. Written from the API's reference, and the data API from Heroku's command line. What clients changed stands in `effects`, which no client reads.
 */
export type TestHeroku = {
  readonly url: string;
  readonly server: JsonServer;
  /** The data API, at an address of its own. */
  readonly data: JsonServer;
  readonly app: App;
  /** A token with these scopes, everything by default. */
  user(email: string, scopes?: User["scopes"]): string;
  /** Somebody releases code of this name, or sets config vars. */
  deploys(slug: string): void;
  sets(config: Config): void;
  /** Somebody sets how many of a process run. */
  scales(type: string, quantity: number): void;
  /** Somebody adds a domain, whose automatic certificate is like this. */
  adds(hostname: string, status: string | null, reason?: string): void;
  /** Somebody adds a database, whose config vars are these. */
  hasDatabase(plan?: string, names?: readonly string[]): Addon;
  /** The scopes that the data API lets in. */
  dataTakes(scopes: readonly string[]): void;
  /** Somebody runs a single command. */
  runs(name: string): void;
  /** Dynos with this code crash; its release phase fails. */
  crashes(slug: string): void;
  failsPhase(slug: string): void;
  /** Everything that is under way stands still while this is true. */
  holdsBack(now: boolean): void;
  /** How many requests the account has left. */
  has(left: number): void;
  settles(): Promise<void>;
  readonly effects: readonly Effect[];
  close(): Promise<void>;
};
export type Effect = { readonly user: string; readonly what: string; readonly token: string };

export const APP = "shop-web";
const POOL = 4_500;
const STEP = 15; // ms between two moments of what moves by itself

export async function openHeroku(): Promise<TestHeroku> {
  const app = newApp(APP);
  const users = new Map<string, User>();
  const effects: Effect[] = [];
  let holdsBack = false;
  const heroku: Heroku = {
    apps: new Map([app, newApp("shop-mailer", "growth")].map((each) => [each.name, each])),
    users,
    left: POOL,
    dataScopes: ["read-protected", "write-protected", "global"],
    effect({ method, url, headers }, { email }) {
      const token = /\((.*)\)$/.exec(headers["user-agent"] ?? "")?.[1] ?? "";
      effects.push({ user: email, what: `${method} ${url.pathname}`, token });
    },
  };
  const server = await openJsonServer({
    answer: (call) => answer(heroku, call),
    isChange: ({ method }) => method !== "GET",
    says: (status) => error(status, `The test says ${status}.`).body,
  });
  const data = await openJsonServer({
    answer: (call) => answerData(heroku, call),
    isChange: ({ method }) => method !== "GET",
    says: (status) => error(status, `The test says ${status}.`).body,
  });
  const timer = setInterval(() => {
    if (!holdsBack) step(app);
  }, STEP);
  function deploys(slug: string): void {
    release(app, { description: `Deploy ${slug}`, slug: { id: slug } });
  }

  for (const [type, quantity] of [
    ["web", 2],
    ["worker", 1],
    ["release", 0],
  ] as const)
    app.formation.push({ id: randomUUID(), type, quantity, size: "Standard-1X" });
  return {
    url: server.url,
    server,
    data,
    app,
    user(email, scopes = ["global"]) {
      const token = `HRKU-${randomUUID()}`;
      users.set(token, { email, scopes });
      return token;
    },
    deploys,
    sets(config) {
      const description = `Set ${Object.keys(config).join(", ")} config vars`;
      release(app, { description, config: { ...configOf(app), ...config } });
    },
    scales(type, quantity) {
      const of = app.formation.find((each) => each.type === type);
      if (of === undefined) throw new Error(`there is no process ${type}`);
      scale(app, of, quantity);
    },
    adds(hostname, status, reason) {
      app.acm.domains.push({
        id: randomUUID(),
        hostname,
        kind: "custom",
        acm_status: status,
        acm_status_reason: reason ?? null,
        updated_at: now(),
      });
    },
    hasDatabase(plan = "standard-0", names = ["DATABASE_URL"]) {
      const made = addon(app.name, plan, names);
      app.addons.push(made);
      return made;
    },
    dataTakes: (scopes) => void (heroku.dataScopes = scopes),
    runs(name) {
      const current = currentOf(app);
      if (current === undefined) throw new Error("nothing was released");
      app.dynos.push(newDyno(name, { type: "run", size: "Standard-1X", release: current }));
    },
    crashes: (slug) => void app.crashing.add(slug),
    failsPhase: (slug) => void app.failing.add(slug),
    holdsBack: (now) => void (holdsBack = now),
    has: (left) => void (heroku.left = left),
    settles: () => until("the app to come to rest", () => isAtRest(app)),
    effects,
    async close() {
      clearInterval(timer);
      await Promise.all([server.close(), data.close()]);
    },
  };
}
