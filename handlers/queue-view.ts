import type { IncomingMessage, ServerResponse } from "node:http";
import type { App } from "../src/app.ts";
import { basicOf, isSame } from "./shared-secret.ts";

/**
 * `/queues`: what is in the queue right now, for whoever knows the token. It is read-only: the queue only wakes work up, so
 * a change there would change nothing that counts.
 */

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

export const QUEUES_PATH = "/queues";

/** The view is loaded when somebody with the token first asks for it. */
export function queueView(
  app: App,
  token: string,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let board: Promise<Serve> | undefined;
  return async (request, response) => {
    response.setHeaders(new Headers(HEADERS));
    if (!isKnown(request.headers.authorization, token)) return refuse(response, 401, "This needs the queues' token.");
    if (request.method !== "GET" && request.method !== "HEAD")
      return refuse(response, 405, "The queues can be looked at here, and not changed.");
    board ??= openBoard(app);
    const serve = await board;
    // Express expects paths without our prefix.
    request.url = (request.url ?? "").slice(QUEUES_PATH.length).replace(/^(?!\/)/, "/");
    return serve(request, response);
  };
}

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; style-src 'self' 'unsafe-inline'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

function refuse(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, {
      "content-type": "text/plain; charset=utf-8",
      ...(status === 401
        ? { "www-authenticate": 'Basic realm="Daytwo queues: any user, the token as password", charset="UTF-8"' }
        : { allow: "GET, HEAD" }),
    })
    .end(`${text}\n`);
}

/** As a bearer, or as the password of any user, which is what a browser can ask for. */
function isKnown(header: string | undefined, token: string): boolean {
  const [, scheme = "", rest = ""] = /^(\S+) +(\S+)$/.exec(header ?? "") ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
      return isSame(rest, token);
    case "basic":
      return isSame(basicOf(rest).password, token);
    default:
      return false;
  }
}

async function openBoard(app: App): Promise<Serve> {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
    import("@bull-board/api"),
    import("@bull-board/api/bullMQAdapter"),
    import("@bull-board/express"),
  ]);
  const express = new ExpressAdapter();
  express.setBasePath(QUEUES_PATH);
  createBullBoard({
    queues: app.queues.own().map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })),
    serverAdapter: express,
    options: {
      uiConfig: {
        boardTitle: "Daytwo's queues",
        environment: { label: app.queues.backend === "redis" ? "in Redis" : "in PostgreSQL", color: "#7c8a9e" },
        hideDocsLink: true,
      },
    },
  });
  const router = express.getRouter() as Serve & { disable(setting: string): void };
  router.disable("x-powered-by");
  return router;
}
