import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receiver, ReceiverEvent } from "@slack/bolt";
import type { App } from "../src/app.ts";
import { Invalid } from "../src/errors.ts";
import { openBodies, type Bodies } from "./body.ts";
import { openIntake, type Intake } from "./intake.ts";
import { isObject } from "../src/domain/json-object.ts";
import { claimOf, isFromSlack } from "./signature.ts";
import { openSocket } from "./socket.ts";

/** Bolt's receivers, wrapped so that both transports come in by the same way. */

export type Entrance = Receiver & {
  readonly intake: () => Intake;
  /** The HTTP handler of `/slack/events`; absent in Socket Mode. */
  readonly http?: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
};

type BoltApp = Parameters<Receiver["init"]>[0];

const BODY_LIMIT = 1024 * 1024; // bytes; Slack's own requests stay far below
const READING = 64 * 1024 * 1024; // bytes of all bodies that are being read, or are not answered yet

/** HTTP mode: signed requests. */
export function httpEntrance(app: App, signingSecret: string): Entrance {
  const held = holdIntake(app);
  const bodies = openBodies(READING);
  return {
    init: held.init,
    start: () => Promise.resolve(),
    stop: () => held.intake().idle(),
    intake: held.intake,
    http: (request, response) => receive({ app, intake: held.intake(), bodies }, signingSecret, request, response),
  };
}

const UNPROVEN = "The signature is missing, wrong or too old.";

function holdIntake(app: App): { init(bolt: BoltApp): void; intake(): Intake } {
  let intake: Intake | undefined;
  return {
    init(bolt) {
      intake = openIntake(app, bolt);
    },
    intake() {
      if (intake === undefined) throw new Error("the receiver was used before Bolt had it");
      return intake;
    },
  };
}

async function receive(
  { app, intake, bodies }: { readonly app: App; readonly intake: Intake; readonly bodies: Bodies },
  secret: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST") return end(response, 405, "Slack sends POST here.");
  if (request.headers["content-encoding"] !== undefined) return end(response, 415, "Slack compresses nothing.");
  if (claimOf(request.headers, app.now()) === null) return end(response, 401, UNPROVEN);
  return bodies.read(request, BODY_LIMIT, async (body) => {
    if (body === null) return end(response, 413, "No request of Slack's is that large.");
    if (!isFromSlack(secret, request.headers, body, app.now())) return end(response, 401, UNPROVEN);
    const parsed = parseBody(request.headers["content-type"] ?? "", body);
    if (parsed === undefined) return end(response, 400, "The body is not what its content type says.");
    if (isObject(parsed) && parsed["ssl_check"] === "1") return end(response, 200, "");
    if (isObject(parsed) && parsed["type"] === "url_verification")
      return json(response, { challenge: String(parsed["challenge"]) });
    return hand(app, intake, parsed, response);
  });
}

async function hand(app: App, intake: Intake, body: unknown, response: ServerResponse): Promise<void> {
  try {
    const known = await intake.take(body, async (payload) =>
      payload === undefined || payload === "" ? end(response, 200, "") : json(response, payload),
    );
    if (!known) end(response, 400, "That is no request of Slack's that I know.");
  } catch (err) {
    if (err instanceof Invalid) return end(response, 400, err.message);
    app.log.error({ err }, "a request could not be taken");
    // Slack tries events again; a person sees that it did not work. Nothing was promised.
    if (!response.headersSent) end(response, 503, "It could not be taken; try again.");
  }
}

/** Undefined when it cannot be read. Commands are flat forms, interactions a form with one `payload`, events JSON. */
function parseBody(contentType: string, body: Buffer): unknown {
  const [type = ""] = contentType.toLowerCase().split(";");
  const text = body.toString("utf8");
  if (type.trim() === "application/json") return parseJson(text);
  if (type.trim() !== "application/x-www-form-urlencoded") return undefined;
  const form = Object.fromEntries(new URLSearchParams(text));
  return form["payload"] === undefined || form["ssl_check"] !== undefined ? form : parseJson(form["payload"]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  finish(response, status, "text/plain; charset=utf-8", text);
}

function json(response: ServerResponse, value: unknown): void {
  const body = typeof value === "string" ? { text: value } : value;
  finish(response, 200, "application/json; charset=utf-8", JSON.stringify(body));
}

/** The length is given, so that the answer leaves in one piece. */
function finish(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text);
}

/** Socket Mode: no public URL. */
export function socketEntrance(app: App, appToken: string, apiUrl: string | undefined): Entrance {
  const held = holdIntake(app);
  const socket = openSocket(app, { appToken, apiUrl }, (event) => fromSocket(app, held.intake(), event));
  return {
    init: held.init,
    start: () => socket.start(),
    async stop() {
      await socket.stop();
      await held.intake().idle();
    },
    intake: held.intake,
  };
}

async function fromSocket(app: App, intake: Intake, event: ReceiverEvent): Promise<void> {
  try {
    const known = await intake.take(event.body, async (payload) => event.ack(payload));
    if (!known)
      app.log.warn(
        { type: isObject(event.body) ? event.body["type"] : null },
        "a request of no known shape came over the socket",
      );
  } catch (err) {
    app.log.error({ err }, "a request could not be taken"); // not acknowledged: the person sees that it did not work
  }
}
