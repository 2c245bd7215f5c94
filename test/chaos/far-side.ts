import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import { json } from "node:stream/consumers";
import {
  applicationOf,
  begin,
  finish,
  operationOf,
  openApplication,
  type FarApplication,
  type FarArguments,
  type Profile,
} from "./far-application.ts";

/**
 * What the bot acts on: many small applications behind the HTTP contract of the fleet's supervisor, each true to its
 * profile, each able to go wrong on the way in and out. Everything that takes effect is written down where the bot
 * cannot see it.
 */

/** How one request goes wrong. */
export type Trouble =
  | { readonly kind: "late"; readonly by: number }
  /** It is worked on until somebody says `finishes`, or for this many ms. */
  | { readonly kind: "long"; readonly by: number }
  | { readonly kind: "hang" | "drop" | "lose" | "500" | "after the deadline" };

/** An application changed: by whom, when it was asked to and when it did. Times are ms since 1970. */
export type Effect = {
  readonly application: string;
  readonly token: string;
  readonly worker: string;
  readonly arrivedAt: number;
  readonly at: number;
  readonly action: string;
  readonly arguments: FarArguments;
};

/** What somebody asked the far side. */
export type Call = {
  readonly application: string;
  readonly worker: string;
  readonly at: number;
  readonly kind: "look" | "find" | "ask";
  readonly token: string | null;
  /** When an `ask` surely had its effect or will never have one. */
  readonly settledAt: number;
  /** What became of an `ask`, for sure; null where the answer left that open. */
  answer: "taken" | "refused" | "busy" | null;
};

export type FarSide = {
  readonly url: string;
  readonly effects: Effect[];
  readonly calls: Call[];
  add(name: string, profile: Profile): void;
  /** What the next request for an application meets. */
  troubles(name: string, trouble: Trouble): void;
  /** What it works on is done. */
  finishes(name: string): void;
  /** Somebody else changes it. */
  touch(name: string): void;
  /** Applications with a request of a worker that has no answer yet, or is being worked on. */
  busy(worker: string): string[];
  /** Who looked at an application last before its newest intent. */
  lastLooker(name: string): string | null;
  close(): Promise<void>;
};

const AFTER_DEADLINE = 11_000; // ms: the provider waits ten seconds for an answer
/** Nobody else on this machine is to act on it. */
const SECRET = randomBytes(12).toString("hex");

/** What a worker authenticates with; it says who calls. */
export function tokenOf(worker: string): string {
  return `chaos-${SECRET}-${worker}`;
}

export const TOKEN_MARK = `chaos-${SECRET}-`;

type Place = { readonly application: FarApplication; readonly troubles: Trouble[]; looker: string | null };

export async function openFarSide(): Promise<FarSide> {
  const places = new Map<string, Place>();
  const [effects, calls]: [Effect[], Call[]] = [[], []];
  const open = new Set<{ readonly worker: string; readonly application: string }>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bearer = (request.headers.authorization ?? "").replace("Bearer ", "");
    const [, , name = "", , token] = (request.url ?? "").split("/");
    const place = places.get(name);
    if (!bearer.startsWith(TOKEN_MARK)) return answer(response, 401, {});
    if (place === undefined) return answer(response, 404, {});
    const worker = bearer.slice(TOKEN_MARK.length);
    const at = Date.now();
    const call: Call = {
      application: name,
      worker,
      at,
      settledAt: at,
      kind: "look",
      token: token ?? null,
      answer: null,
    };
    if (request.method === "POST") return ask(place, call, request, response);
    calls.push(token === undefined ? call : { ...call, kind: "find" });
    if (token === undefined) place.looker = worker;
    const found = token === undefined ? applicationOf(place.application) : operationOf(place.application, token);
    return answer(response, found === null ? 404 : 200, found ?? {});
  }

  async function ask(place: Place, call: Call, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { application, troubles } = place;
    const asked = (await json(request)) as {
      token: string;
      action: string;
      arguments: FarArguments;
      if_version: number;
    };
    const trouble = troubles.shift();
    const settledAt = call.at + (trouble?.kind === "late" ? trouble.by : 0);
    const asking: Call = { ...call, kind: "ask", token: asked.token, settledAt };
    calls.push(asking);
    const about = { worker: call.worker, application: call.application };
    open.add(about);
    response.on("close", () => setTimeout(() => open.delete(about), application.profile.works));
    if (trouble?.kind === "lose") return void request.socket.destroy();
    if (trouble?.kind === "late") await pause(trouble.by);
    const works = trouble?.kind === "long" ? trouble.by : application.profile.works;
    const begun = begin(application, asked, works, () =>
      effects.push({
        application: call.application,
        token: asked.token,
        worker: call.worker,
        arrivedAt: call.at,
        at: Date.now(),
        action: asked.action,
        arguments: asked.arguments,
      }),
    );
    if (trouble?.kind === "hang") return undefined;
    if (trouble?.kind === "drop") return void request.socket.destroy();
    if (trouble?.kind === "500") return answer(response, 500, { error: "internal" });
    if (trouble?.kind === "after the deadline") await pause(AFTER_DEADLINE);
    if (!response.writableEnded && !response.destroyed) asking.answer = begun.kind;
    return answer(response, begun.status, begun.body);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.keepAliveTimeout = 600_000; // who slept for long still finds its connection as it was
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    effects,
    calls,
    add: (name, profile) =>
      void places.set(name, { application: openApplication(name, profile), troubles: [], looker: null }),
    troubles: (name, trouble) => void places.get(name)?.troubles.push(trouble),
    finishes(name) {
      const application = places.get(name)?.application;
      if (application !== undefined) finish(application);
    },
    touch(name) {
      const application = places.get(name)?.application;
      if (application !== undefined) application.version += 1;
    },
    busy: (worker) => [...open].filter((each) => each.worker === worker).map((each) => each.application),
    lastLooker: (name) => places.get(name)?.looker ?? null,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
