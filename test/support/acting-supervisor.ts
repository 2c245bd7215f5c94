import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { openFolders } from "./folder.ts";

/**
 * A supervisor of applications that takes operations at once, as the provider `local` asks for them, and goes wrong where
 * a test says so. What took effect stands in `effects`, which the bot never reads.
 */
export type ActingSupervisor = {
  readonly url: string;
  /** The lines of a catalog for a target of `app`. */
  target(app: string): string;
  /**
   * What became of the next operations: applied and answered, applied and under way until it `finishes`, or the connection
   * breaks after or before it is applied.
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

export type Answering = "well" | "under way" | "lost after applying" | "lost before applying";
export type Effect = { readonly app: string; readonly token: string; readonly action: string };
type State = { readonly release: string; readonly sizes: Readonly<Record<string, number>> };
type App = State & { readonly version: number };
type Asked = {
  readonly token: string;
  readonly action: string;
  readonly arguments: { readonly sizes?: Record<string, number>; readonly release?: string };
  readonly if_version: number;
};

const RELEASES = ["v3", "v2", "v1"];

export async function openActingSupervisor(): Promise<ActingSupervisor> {
  const folders = await openFolders(); // its targets need a token, whichever
  await folders.holds("token", 1);
  const tokenFile = `${folders.path("token")}/log`;
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
    change(name, {
      ...(given.release === undefined ? {} : { release: given.release }),
      sizes: { ...appOf(name).sizes, ...given.sizes },
    });
    const state = answering === "under way" ? "running" : "done";
    const operation = { token, state, version: appOf(name).version, progress: [] };
    done.set(token, operation);
    return operation;
  }
  async function take(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wanted = (await json(request)) as Asked;
    asked += 1;
    if (wanted.if_version !== appOf(name).version)
      return reply(response, 409, { error: "version", message: "it moved" });
    if (answering === "lost before applying") return void request.socket.destroy();
    const operation = done.get(wanted.token) ?? apply(name, wanted);
    return answering.startsWith("lost") ? void request.socket.destroy() : reply(response, 202, operation);
  }

  const server = createServer((request, response) => {
    const [, , name = "", , token] = (request.url ?? "").split("/");
    if (request.method === "POST") return void take(name, request, response);
    if (token === undefined) return reply(response, 200, shown(name, appOf(name)));
    const operation = done.get(token);
    return reply(response, operation === undefined ? 404 : 200, operation ?? { error: "unknown" });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
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
      server.close();
      await once(server, "close");
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

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify(body));
}
