import { timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { answerJson, isFromHere, parseBody, readBody } from "../http.ts";
import { isFields, type Fields } from "../json.ts";
import { listenNear } from "../ports.ts";
import { begin, stopTask } from "./operations.ts";
import type { Answer, Request } from "./operations.ts";
import type { RunningApp } from "./running-app.ts";
import { snapshot } from "./snapshot.ts";
import type { Arguments } from "./state.ts";

/** The supervisor's HTTP API, on loopback, for whoever holds its token. */

export type Api = { readonly port: number; close(): Promise<void> };

export type ApiOptions = {
  readonly port: number;
  readonly token: string;
  readonly apps: Readonly<Record<string, RunningApp>>;
  badRelease(this: void): Answer;
  /** undefined while an operation is under way. */
  reset(this: void): Promise<void> | undefined;
};

/** How the next operation goes wrong on its way in or out; each happens once. */
const FAULTS = ["fail", "hang", "apply-then-hang", "apply-then-drop", "apply-then-500", "break-midway"] as const;
type Fault = (typeof FAULTS)[number];
type Control = { applyDelayMs: number; once: Fault | undefined };

type Reply = { readonly status: number; readonly body: unknown } | "hang" | "drop";
type Call = { readonly parts: readonly string[]; readonly body: Fields };

const BODY_LIMIT = 64 * 1024;

export async function openApi(options: ApiOptions): Promise<Api> {
  const control: Control = { applyDelayMs: 0, once: undefined };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, port, options, control).then(
      (reply) => send(outgoing, reply),
      (error: unknown) => {
        process.stderr.write(`api: ${error instanceof Error ? error.stack : String(error)}\n`);
        send(outgoing, { status: 500, body: { error: "internal" } });
      },
    );
  });
  const port = await listenNear(server, options.port);
  return {
    port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function handle(incoming: IncomingMessage, port: number, options: ApiOptions, control: Control): Promise<Reply> {
  if (!isFromHere(incoming, port))
    return refusal(403, "forbidden", "This address is for programs on this machine only.");
  if (!sameText(incoming.headers.authorization ?? "", `Bearer ${options.token}`))
    return refusal(401, "unauthorized", "The token is missing or wrong.");
  const parts = (incoming.url ?? "/").split("?")[0]?.split("/").filter(Boolean) ?? [];
  function isName(index: number): boolean {
    return parts[0] === "apps" && index % 2 === 1;
  }
  const route = `${incoming.method} /${parts.map((part, index) => (isName(index) ? "*" : part)).join("/")}`;
  const handler = ROUTES[route];
  if (handler === undefined) return refusal(404, "not_found", `There is no ${incoming.method} ${incoming.url}.`);
  const body = await readBody(incoming, BODY_LIMIT).then(
    (bytes) => parseBody("application/json", bytes),
    () => null,
  );
  if (body === null) return refusal(422, "invalid", "The body must be a JSON object of at most 64 KiB.");
  return handler({ parts, body }, options, control);
}

const ROUTES: Readonly<Record<string, (call: Call, options: ApiOptions, control: Control) => Reply | Promise<Reply>>> =
  {
    "GET /apps": (_, { apps }) => ok({ apps: Object.keys(apps) }),
    "GET /apps/*": ({ parts }, { apps }) => withApp(apps, parts[1], (app) => ok(snapshot(app))),
    "GET /apps/*/operations/*": ({ parts }, { apps }) =>
      withApp(apps, parts[1], ({ state }) => {
        const operation = state.operations.find(({ token }) => token === parts[3]);
        return operation === undefined
          ? refusal(404, "not_found", "No operation with this token took effect.")
          : ok(operation);
      }),
    "DELETE /apps/*/operations/*": ({ parts }, { apps }) =>
      withApp(apps, parts[1], (app) =>
        stopTask(app, parts[3] ?? "")
          ? { status: 202, body: { token: parts[3] } }
          : refusal(409, "not_running", "No task with this token is under way."),
      ),
    "POST /apps/*/operations": ({ parts, body }, { apps }, control) =>
      withApp(apps, parts[1], (app) => operate(app, body, control)),
    "POST /demo/bad-release": (_, { apps, badRelease }) => answered(badRelease(), apps["shop"]),
    async "POST /demo/reset"(_, { apps, reset }, control) {
      Object.assign(control, { applyDelayMs: 0, once: undefined });
      const done = reset();
      if (done === undefined)
        return refusal(409, "operation_in_progress", "An operation is under way. Ask again when it is done.");
      await done;
      return ok({ version: apps["shop"]?.state.version });
    },
    "POST /control"({ body }, _, control) {
      const { applyDelayMs = 0, once } = body;
      const fault = FAULTS.find((name) => name === once);
      if (typeof applyDelayMs !== "number" || (once !== undefined && fault === undefined)) {
        return refusal(422, "invalid", `applyDelayMs is a number of ms, once is one of ${FAULTS.join(", ")}.`);
      }
      Object.assign(control, { applyDelayMs, once: fault });
      return ok(control);
    },
  };

async function operate(app: RunningApp, body: Call["body"], control: Control): Promise<Reply> {
  const request = readRequest(body);
  if (request === undefined) {
    return refusal(
      422,
      "invalid",
      "Send { token, action, arguments, if_version }; scale takes sizes, rollback and deploy a release, restart a process, run a task { argv, timeout }.",
    );
  }
  const { applyDelayMs, once } = control;
  control.once = undefined;
  if (applyDelayMs > 0) await pause(applyDelayMs);
  if (once === "hang") return "hang";
  if (once === "fail") return refusal(500, "internal", "It failed before anything happened, as it was told to.");
  const reply = answered(begin(app, request, once === "break-midway"), app);
  if (once === "apply-then-hang") return "hang";
  if (once === "apply-then-drop") return "drop";
  if (once === "apply-then-500") return refusal(500, "internal", "It failed after it took effect, as it was told to.");
  return reply;
}

const REFUSAL_STATUS = { version_conflict: 409, operation_in_progress: 409, invalid: 422 } as const;

function answered(answer: Answer, app: RunningApp | undefined): Reply {
  if ("refused" in answer) {
    return { status: REFUSAL_STATUS[answer.refused.error], body: { ...answer.refused, version: app?.state.version } };
  }
  const { token, state, version } = answer.operation;
  return answer.repeated ? ok(answer.operation) : { status: 202, body: { token, state, version } };
}

function withApp(
  apps: ApiOptions["apps"],
  name: string | undefined,
  reply: (app: RunningApp) => Reply | Promise<Reply>,
): Reply | Promise<Reply> {
  const app = Object.entries(apps).find(([key]) => key === name)?.[1];
  return app === undefined ? refusal(404, "not_found", `There is no app ${name ?? ""}.`) : reply(app);
}

function readRequest({ token, action, arguments: given = {}, if_version }: Call["body"]): Request | undefined {
  if (typeof token !== "string" || token === "" || typeof action !== "string" || !isFields(given)) return undefined;
  if (if_version !== undefined && typeof if_version !== "number") return undefined;
  const { sizes, release, process, task, ...others } = given;
  if (sizes !== undefined && !(isFields(sizes) && Object.values(sizes).every((count) => typeof count === "number")))
    return undefined;
  if (![release, process].every((text) => text === undefined || typeof text === "string")) return undefined;
  if (task !== undefined && !isTask(task)) return undefined;
  if (Object.keys(others).length > 0) return undefined;
  return { token, action, arguments: given as Arguments, ...(if_version === undefined ? {} : { if_version }) };
}

function isTask(value: unknown): boolean {
  if (!isFields(value) || typeof value["timeout"] !== "number") return false;
  const { argv } = value;
  return Array.isArray(argv) && argv.every((each) => typeof each === "string");
}

function sameText(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function refusal(status: number, error: string, message: string): Reply {
  return { status, body: { error, message } };
}

function send(outgoing: ServerResponse, reply: Reply): void {
  if (reply === "hang") return;
  if (reply === "drop") {
    outgoing.destroy();
    return;
  }
  answerJson(outgoing, reply.status, reply.body);
}
