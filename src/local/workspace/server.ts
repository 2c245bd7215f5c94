/** The local workspace: a Slack-compatible server for the demo and the tests, on loopback only. */

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ClientError, openPageStream, serveClient } from "./client-api.ts";
import { serveControl } from "./control-api.ts";
import { openDelivery } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { takeFault } from "./faults.ts";
import { answerJson, isFromHere, parseBody, readBody } from "../http.ts";
import { fieldsOf, parseJson } from "../json.ts";
import { listenNear } from "../ports.ts";
import { receiveUpload } from "./methods-files.ts";
import type { WorkspaceOptions } from "./options.ts";
import { openRateLimits } from "./rate.ts";
import { Refusal } from "./refusal.ts";
import { useResponseUrl } from "./response-urls.ts";
import { restore } from "./restore.ts";
import { openSocketMode } from "./socket-mode.ts";
import type { SocketMode } from "./socket-mode.ts";
import { followPermalink, notFound, servePage, serveUpload } from "./static-files.ts";
import { serveWebApi } from "./web-api.ts";
import type { WebApi } from "./web-api.ts";
import { createWorld } from "./world.ts";
import type { World } from "./world.ts";

export interface Workspace extends AsyncDisposable {
  /** Where the page is, such as `http://127.0.0.1:3001`. */
  url: string;
  /** What the app takes for `https://slack.com/api/`. */
  apiUrl: string;
  port: number;
  close(): Promise<void>;
}

const BUSY = "Stop what listens there, or set DAYTWO_WORKSPACE_PORT to a free one.";

interface Parts {
  world: World;
  api: WebApi;
  delivery: Delivery;
  sockets: SocketMode;
  port: number;
}

export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const world = createWorld(options);
  const sockets = openSocketMode(world);
  const delivery = openDelivery(world, sockets);
  const api: WebApi = {
    world,
    limits: openRateLimits(world.clock),
    faults: [],
    odds: null,
    calls: [],
    socketUrl: () => sockets.newUrl(),
  };
  const parts: Parts = { world, api, delivery, sockets, port: 0 };
  const server = createServer((request, response) => void answer(parts, request, response));
  server.on("upgrade", (request, socket, head) => {
    if (isFromHere(request, parts.port)) sockets.upgrade(request, socket, head);
    else socket.destroy();
  });
  try {
    parts.port = await listenNear(server, options.port, options.tries ?? 1, BUSY);
  } catch (error) {
    await closeWorld(parts);
    throw error;
  }
  world.url = `http://127.0.0.1:${parts.port}`;
  restore(world);
  async function close(): Promise<void> {
    await closeWorld(parts);
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
  return { url: world.url, apiUrl: `${world.url}/api/`, port: parts.port, close, [Symbol.asyncDispose]: close };
}

type Route = (
  parts: Parts,
  call: { name: string; url: URL; request: IncomingMessage; response: ServerResponse },
) => unknown;

/** First part of the path → what answers there; `name` is the rest of the path. */
const ROUTES: Record<string, Route> = {
  api: ({ api }, { name, request, response }) => serveWebApi(api, name, request, response),
  client: async ({ world, delivery }, { name, url, request, response }) => {
    const given = await givenIn(request, url);
    if (name === "stream") return openPageStream(world, given, response);
    answerJson(response, 200, await serveClient(world, delivery, verbOf(request), name, given));
  },
  control: async (parts, { name, url, request, response }) => {
    answerJson(response, 200, await serveControl(parts, verbOf(request), name, await givenIn(request, url)));
  },
  response: async (parts, { name, request, response }) => {
    const body = parseJson((await readBody(request)).toString("utf8"));
    const fault = takeFault(parts.api.faults, "response_url");
    if (fault !== null) return answerJson(response, fault.status ?? 500, { ok: false, error: fault.error ?? "fault" });
    useResponseUrl(parts.world, name, body);
    response.writeHead(200, { "content-type": "text/html" }).end("ok");
  },
  upload: async ({ world }, { name, request, response }) => {
    const contentType = request.headers["content-type"] ?? "";
    const taken = await receiveUpload(world, name, contentType, await readBody(request));
    response
      .writeHead(taken ? 200 : 400, { "content-type": "text/plain" })
      .end(taken ? "OK" : "Not what was announced");
  },
  files: ({ world }, { name, response }) => serveUpload(world, name, response),
  archives: ({ world }, { url, response }) => followPermalink(world, url.pathname, url.searchParams, response),
  page: (_parts, { url, response }) => servePage(url.pathname, response),
  "": (_parts, { url, response }) => servePage(url.pathname, response),
};

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    if (!isFromHere(request, parts.port))
      return answerJson(response, 403, {
        ok: false,
        error: "This workspace answers only pages and programs of this machine.",
      });
    const url = new URL(request.url ?? "/", parts.world.url);
    const [first = "", ...rest] = url.pathname.slice(1).split("/");
    const route = ROUTES[first];
    if (route === undefined) return notFound(response);
    await route(parts, { name: rest.join("/"), url, request, response });
  } catch (error) {
    fail(response, error);
  }
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.end();
  if (error instanceof ClientError) return answerJson(response, error.status, { ok: false, error: error.message });
  if (error instanceof Refusal)
    return answerJson(response, statusOf(error), { ok: false, error: error.code, ...error.extra });
  answerJson(response, 500, { ok: false, error: `The workspace failed: ${String(error)}` });
}

/** A response_url that is used up or too old is gone; what was posted to a good one may be wrong. */
function statusOf({ code }: Refusal): number {
  return code.endsWith("_url") ? 404 : 400;
}

async function givenIn(request: IncomingMessage, url: URL) {
  if (request.method !== "POST") return fieldsOf(Object.fromEntries(url.searchParams));
  const given = parseBody("application/json", await readBody(request));
  if (given === null) throw new ClientError(400, "The body must be a JSON object.");
  return given;
}

function verbOf(request: IncomingMessage): "GET" | "POST" {
  return request.method === "POST" ? "POST" : "GET";
}

async function closeWorld({ world, sockets }: Parts): Promise<void> {
  await sockets.close();
  world.stream.close();
  world.clock.close();
}
