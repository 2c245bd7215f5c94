import { writeFile } from "node:fs/promises";
import { openFolders } from "./folder.ts";
import { openJsonServer, type Call, type JsonServer, type Reply } from "./json-server.ts";

/**
 * A supervisor of applications that takes operations at once, as the provider `local` asks for them, and goes wrong where
 * a test says so. What took effect stands in `effects`, which the bot never reads.
 */
export type ActingSupervisor = {
  readonly url: string;
  /** Where the only token that it takes is, and the token. */
  readonly tokenFile: string;
  readonly token: string;
  readonly server: JsonServer;
  /** The lines of a catalog for a target of `app`. */
  target(app: string): string;
  /**
   * What became of the next operations: applied and answered, applied and under way until it `finishes`, or the connection
   * breaks after or before it is applied; or it is begun, fails and is taken back. While it is away, nothing is answered.
   */
  answers(how: Answering): void;
  /** What is under way is done. */
  finishes(): void;
  /** Somebody else changes an application. */
  changes(app: string, to: Partial<State>): void;
  shows(app: string): State;
  readonly effects: readonly Effect[];
  /** How many operations it was asked for, whatever became of them. */
  asked(): number;
  close(): Promise<void>;
};

export type Answering = "well" | "under way" | "fails" | "lost after applying" | "lost before applying" | "away";
export type Effect = { readonly app: string; readonly token: string; readonly action: string };
type State = { readonly release: string; readonly sizes: Readonly<Record<string, number>> };
type App = State & { readonly version: number };
type Asked = {
  readonly token: string;
  readonly action: string;
  readonly arguments: { readonly sizes?: Record<string, number>; readonly release?: string };
  readonly if_version: number;
};

/** It has no application of this name; every other one it has. */
export const NO_APP = "nothing";
const TOKEN = "fleet-token-3f9a7c";

const RELEASES = ["v3", "v2", "v1"];

export async function openActingSupervisor(): Promise<ActingSupervisor> {
  const folders = await openFolders(); // its targets need a token, whichever
  await folders.holds("token", 1);
  const tokenFile = `${folders.path("token")}/log`;
  await writeFile(tokenFile, TOKEN);
  const apps = new Map<string, App>();
  const done = new Map<string, object>();
  const effects: Effect[] = [];
  let answering: Answering = "well";
  let asked = 0;

  function appOf(name: string): App {
    const app = apps.get(name) ?? { version: 1, release: "v2", sizes: { web: 2 } };
    apps.set(name, app);
    return app;
  }
  function change(name: string, to: Partial<State>): void {
    const app = appOf(name);
    apps.set(name, { ...app, ...to, version: app.version + 1 });
  }
  function apply(name: string, { token, action, arguments: given }: Asked): object {
    effects.push({ app: name, token, action });
    const fails = answering === "fails";
    change(name, {
      ...(given.release === undefined || fails ? {} : { release: given.release }),
      sizes: { ...appOf(name).sizes, ...(fails ? {} : given.sizes) },
    });
    const [state, message] = fails
      ? ["failed", "web 3 does not answer"]
      : [answering === "under way" ? "running" : "done"];
    const operation = { token, state, version: appOf(name).version, progress: [], message };
    done.set(token, operation);
    return operation;
  }
  function take(name: string, { body, response }: Call): Reply | null {
    const wanted = JSON.parse(body) as Asked;
    asked += 1;
    const known = done.get(wanted.token);
    if (known === undefined && wanted.if_version !== appOf(name).version)
      return { status: 409, body: { error: "version", message: "it moved" } };
    if (answering === "lost before applying") return gone(response);
    const operation = known ?? apply(name, wanted);
    return answering.startsWith("lost") ? gone(response) : { status: 202, body: operation };
  }
  function answer(call: Call): Reply | null {
    if (answering === "away") return gone(call.response);
    const [, , name = "", , token] = call.url.pathname.split("/");
    if (call.headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: { error: "token" } };
    if (name === NO_APP) return { status: 404, body: { error: "unknown" } };
    if (call.method === "POST") return take(name, call);
    if (token === undefined) return { status: 200, body: shown(name, appOf(name)) };
    const operation = done.get(token);
    return { status: operation === undefined ? 404 : 200, body: operation ?? { error: "unknown" } };
  }

  const server = await openJsonServer({
    answer,
    isChange: ({ method }) => method === "POST",
    says: (status) => ({ error: `a ${status}` }),
  });
  const { url } = server;
  return {
    url,
    tokenFile,
    token: TOKEN,
    server,
    target: (app) => `{ provider: local, supervisor: "${url}", application: ${app}, token: { file: "${tokenFile}" } }`,
    answers(how) {
      answering = how;
    },
    finishes() {
      for (const [token, operation] of done) done.set(token, { ...operation, state: "done" });
    },
    changes: change,
    shows: appOf,
    effects,
    asked: () => asked,
    async close() {
      await server.close();
      await folders.close();
    },
  };
}

function shown(app: string, { version, release, sizes }: App): object {
  return {
    app,
    version,
    actions: ["scale", "rollback", "restart", "run"],
    release,
    releases: RELEASES.map((each, index) => ({
      release: each,
      created_at: new Date(Date.UTC(2026, 0, 9 - index)).toISOString(),
      created_by: "dana",
      summary: "",
      healthy_for_seconds: 86_400,
    })),
    processes: Object.fromEntries(
      Object.entries(sizes).map(([name, size]) => [
        name,
        { wanted: size, running: size, healthy: size, min: 0, max: 50 },
      ]),
    ),
    url: "http://127.0.0.1/",
    health: "ok",
  };
}

function gone(response: Call["response"]): null {
  response.destroy();
  return null;
}
