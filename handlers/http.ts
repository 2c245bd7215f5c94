import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { App } from "../src/app.ts";
import type { PortConfig } from "../src/config/readers.ts";
import { Invalid, Unavailable } from "../src/errors.ts";
import { readiness } from "../src/telemetry/readiness.ts";
import { singleFlight } from "../src/single-flight.ts";
import { openMetrics, type Metrics } from "../src/telemetry/metrics.ts";
import { openSns, type Sns } from "../src/alerts/sns.ts";
import { openAlertEntrance, type AlertEntrance } from "./alerts.ts";
import { QUEUES_PATH, queueView } from "./queue-view.ts";
import type { Entrance } from "./receiver.ts";

/** The bot's HTTP port: Slack's requests in HTTP mode, alerts, and what tells others how the bot is. */

export type Listening = { readonly url: string; readonly port: number; close(): Promise<void> };

/** ms until headers, and a whole request, are there, and between two looks whether they are. */
const PATIENCE = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 };

const CLOSING = 3_000; // ms that requests may take to come to their end once we stop

type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Listens on `port`. A default port that is busy gives way to the next free one; one that was asked for does not.
 * @throws Invalid when the port that was asked for is taken
 */
export async function listen(
  app: App,
  entrance: Entrance,
  port: PortConfig,
  host: string,
  { queuesToken, sns = openSns() }: { readonly queuesToken?: string | undefined; readonly sns?: Sns | undefined } = {},
): Promise<Listening> {
  const alerts = openAlertEntrance(app, sns);
  const looking = singleFlight(() => readiness(app)); // whoever asks often takes no connection from those who do something
  let metrics: Promise<Metrics> | undefined; // loaded when first asked for: most never ask
  const routes: Readonly<Record<string, Route | undefined>> = {
    "/slack/events": entrance.http,
    "/healthz": (_request, response) => Promise.resolve(say(response, 200, alive(app))),
    "/readyz": (_request, response) => ready(looking, response),
    "/metrics": async (_request, response) => measured(await (metrics ??= openMetrics(app)), response),
    [QUEUES_PATH]: queuesToken === undefined ? undefined : queueView(app, queuesToken),
  };
  const mayCome = fewAhead();
  const server = createServer(PATIENCE, (request, response) => {
    if (mayCome(request, response)) void route({ app, routes, alerts }, request, response);
  });
  const taken = await bind(server, port, host);
  return {
    url: `http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${taken}`,
    port: taken,
    async close() {
      // A server that closes looks no longer whether requests come to their end: one that never does would hold it for ever.
      const late = setTimeout(() => server.closeAllConnections(), CLOSING);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearTimeout(late);
      await alerts.close();
    },
  };
}

const MOST_AHEAD = 100; // requests of one connection that are not answered yet

/** Node reads on while nothing is answered: a connection that sends ever more ahead is cut. One after the other it may send any number. */
function fewAhead(): (request: IncomingMessage, response: ServerResponse) => boolean {
  const unanswered = new WeakMap<Socket, number>();
  return ({ socket }, response) => {
    const count = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, count);
    response.once("close", () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    if (count > MOST_AHEAD) socket.destroy();
    return count <= MOST_AHEAD;
  };
}

type Ways = {
  readonly app: App;
  readonly routes: Readonly<Record<string, Route | undefined>>;
  readonly alerts: AlertEntrance;
};

async function route({ app, routes, alerts }: Ways, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = ""] = (request.url ?? "").split("?");
  const found = path.startsWith(`${QUEUES_PATH}/`) ? routes[QUEUES_PATH] : routes[path];
  try {
    if (found === undefined && (await alerts.take(path, request, response))) return;
    if (found === undefined) say(response, 404, "There is nothing here. Slack's requests go to /slack/events.");
    else await found(request, response);
  } catch (err) {
    const isOurs = !(err instanceof Unavailable);
    app.log[isOurs ? "error" : "warn"]({ err, path }, "an HTTP request broke");
    if (response.headersSent) return;
    if (isOurs) say(response, 500, "Something broke; the log says what.");
    else say(response, 503, err.message);
  }
}

/** Trouble with Slack is said, and is no failure here: a restart would not help. */
function alive(app: App): string {
  const { refused } = app.slack.standing();
  return refused === null ? "alive" : `alive\nSlack refuses the token (${refused}): nothing is delivered`;
}

async function ready(looking: () => Promise<readonly string[]>, response: ServerResponse): Promise<void> {
  try {
    say(response, 200, ["ready", ...(await looking())].join("\n"));
  } catch (error) {
    say(response, 503, error instanceof Unavailable ? error.message : "the database does not answer");
  }
}

async function measured(metrics: Metrics, response: ServerResponse): Promise<void> {
  const text = await metrics.text();
  response.writeHead(200, { "content-type": metrics.contentType }).end(text);
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}

const TRIES = 20; // further ports that a busy default gives way to

async function bind(server: Server, port: PortConfig, host: string): Promise<number> {
  for (let number = port.number; ; number += 1) {
    const problem = await tryBind(server, number, host);
    if (problem === null) return (server.address() as AddressInfo).port;
    if (problem.code !== "EADDRINUSE")
      throw new Invalid(`Port ${number} cannot be opened (${problem.code ?? problem.message}).`, {
        cause: problem,
        hint: "Set PORT to another one.",
      });
    if (port.asked)
      throw new Invalid(`Port ${number} is taken.`, {
        cause: problem,
        hint: "Stop what uses it, or set PORT to another one.",
      });
    if (number >= port.number + TRIES)
      throw new Invalid(`Ports ${port.number} to ${number} are all taken.`, {
        cause: problem,
        hint: "Set PORT to a free one.",
      });
  }
}

function tryBind(server: Server, port: number, host: string): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    function failed(error: NodeJS.ErrnoException): void {
      resolve(error);
    }
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      resolve(null);
    });
  });
}
