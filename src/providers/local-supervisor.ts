import { z } from "zod";
import { webAddress } from "../domain/measures.ts";
import { Invalid, Unavailable } from "../errors.ts";
import { readSecret } from "../secret.ts";
import { neverConnected } from "./never-connected.ts";

/** The HTTP API of the local fleet's supervisor, as far as the provider needs it. */

export const settings = z.strictObject({
  supervisor: webAddress("Write the supervisor's URL, like http://127.0.0.1:8199.").describe("The supervisor's URL."),
  application: z.string().min(1).describe("What the supervisor calls it."),
  token: z
    .union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
      error: "Write it as { env: NAME } or { file: path }.",
    })
    .describe("Where the supervisor's token is."),
});
export type Settings = z.infer<typeof settings>;

const release = z.object({
  release: z.string(),
  created_at: z.string(),
  created_by: z.string(),
  summary: z.string(),
  healthy_for_seconds: z.number(),
});
const size = z.object({
  wanted: z.number(),
  running: z.number(),
  healthy: z.number(),
  min: z.number(),
  max: z.number(),
});
const tls = z.object({
  address: z.string(),
  servername: z.string(),
  ca_file: z.string(),
  serial: z.string(),
  not_after: z.string(),
  not_before: z.string(),
});

const application = z.object({
  app: z.string(),
  version: z.number(),
  actions: z.array(z.string()),
  release: z.string(),
  releases: z.array(release),
  processes: z.record(z.string(), size),
  url: z.string(),
  tls: tls.optional(),
  health: z.enum(["ok", "degraded", "down"]),
});
export type Application = z.infer<typeof application>;

const operation = z.object({
  token: z.string(),
  state: z.enum(["running", "done", "failed"]),
  version: z.number(),
  progress: z.array(z.object({ at: z.string(), text: z.string() })).default([]),
  /** Lines that came before these and are not kept. */
  dropped: z.number().default(0),
  message: z.string().optional(),
});
export type FleetOperation = z.infer<typeof operation>;

const refusal = z
  .object({ error: z.string().optional(), message: z.string().optional() })
  .catch({ error: undefined, message: undefined });

/** What became of asking for an operation. `busy` may be asked again; `silent` is an answer that did not come, or says nothing. */
export type Asked =
  | { readonly kind: "taken"; readonly operation: FleetOperation }
  | { readonly kind: "busy"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "silent"; readonly reason: string };

const TIMEOUT = 10_000; // ms that one answer may take

/** @throws Unavailable when the supervisor does not answer, Invalid when it does not know the application or us */
export async function lookAt(where: Settings, signal: AbortSignal): Promise<Application> {
  const { status, body } = await call(where, "GET", "", undefined, signal).catch((cause: unknown) => {
    throw unavailable(where, cause);
  });
  if (status === 200) return parsed(application, body);
  if (status === 404) throw new Invalid(`The supervisor knows no application called ${where.application}.`);
  if (status === 401 || status === 403)
    throw new Invalid("The supervisor does not accept the token.", {
      hint: "Check the target's `token` in the catalog.",
    });
  throw new Unavailable(`The supervisor answered ${status}.`);
}

/** Null when no operation with this token ever took effect. @throws Unavailable */
export async function operationOf(where: Settings, token: string, signal: AbortSignal): Promise<FleetOperation | null> {
  const { status, body } = await call(where, "GET", `/operations/${token}`, undefined, signal).catch(
    (cause: unknown) => {
      throw unavailable(where, cause);
    },
  );
  if (status === 404) return null;
  if (status !== 200) throw new Unavailable(`The supervisor answered ${status}.`);
  return parsed(operation, body);
}

export type Ask = {
  readonly token: string;
  readonly action: string;
  readonly arguments: object;
  readonly if_version: number;
};

/** Never throws for an outcome that it can name: a connection that could not be made is a refusal, one that broke is silence. */
export async function ask(where: Settings, request: Ask, signal: AbortSignal): Promise<Asked> {
  try {
    const { status, body } = await call(where, "POST", "/operations", request, signal);
    if (status === 200 || status === 202) return { kind: "taken", operation: parsed(operation, body) };
    if (status >= 500) return { kind: "silent", reason: `the supervisor answered ${status}` };
    const { error, message } = refusal.parse(body);
    const reason = message ?? `the supervisor answered ${status}`;
    return error === "operation_in_progress" ? { kind: "busy", reason } : { kind: "refused", reason };
  } catch (error) {
    if (neverConnected(error)) return { kind: "refused", reason: "the supervisor could not be reached" };
    return { kind: "silent", reason: "the supervisor did not answer" };
  }
}

/** Asks for the end of a task that is under way; how it ends, its operation says. @throws Unavailable */
export async function stop(where: Settings, token: string, signal: AbortSignal): Promise<void> {
  await call(where, "DELETE", `/operations/${token}`, undefined, signal).catch((cause: unknown) => {
    throw unavailable(where, cause);
  });
}

async function call(
  where: Settings,
  method: string,
  path: string,
  body: object | undefined,
  signal: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  const token = (await readSecret(where.token)).trim();
  const response = await fetch(new URL(`/apps/${encodeURIComponent(where.application)}${path}`, where.supervisor), {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
  });
  return { status: response.status, body: await response.json() };
}

function parsed<Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> {
  const read = shape.safeParse(body);
  if (!read.success)
    throw new Unavailable("The supervisor's answer has a shape that I do not know.", { cause: read.error });
  return read.data;
}

function unavailable(where: Settings, cause: unknown): Error {
  if (cause instanceof Invalid || cause instanceof Unavailable) return cause;
  return new Unavailable(`The supervisor at ${new URL(where.supervisor).host} does not answer.`, { cause });
}
