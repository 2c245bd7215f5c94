import { z } from "zod";
import { webAddress } from "../../domain/measures.ts";
import { Invalid } from "../../errors.ts";
import { readSecret } from "../../secret.ts";
import {
  ask as send,
  bodyAs,
  complaintOf,
  complaintOfSilence,
  outcomeOf,
  outcomeOfSilence,
  type Answer,
  type System,
} from "../http-json.ts";
import type { Outcome } from "../provider.ts";
import { reference } from "../../domain/secret-reference.ts";

/** The HTTP API of the local fleet's supervisor, as far as the provider needs it. */

export const settings = z.strictObject({
  supervisor: webAddress("Write the supervisor's URL, like http://127.0.0.1:8199.").describe("The supervisor's URL."),
  application: z.string().min(1).describe("What the supervisor calls it."),
  token: reference.describe("Where the supervisor's token is."),
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

const words = z.object({ error: z.string().optional(), message: z.string().optional() }).catch({});

const SUPERVISOR: System = {
  name: "the supervisor",
  says: (body) => words.parse(body).message,
};

/** What became of asking for an operation: it was taken, or how that ended. */
export type Asked = { readonly kind: "taken"; readonly operation: FleetOperation } | Outcome;

const BUSY = 2_000; // ms until an application that was busy is asked again

/** @throws Unavailable when the supervisor does not answer, Invalid when it does not know the application or us */
export async function lookAt(where: Settings, signal: AbortSignal): Promise<Application> {
  const answer = await look(where, "", signal);
  if (answer.status === 404) throw new Invalid(`The supervisor knows no application called ${where.application}.`);
  if (answer.status === 401 || answer.status === 403)
    throw new Invalid("The supervisor does not accept the token.", {
      hint: "Check the target's `token` in the catalog.",
    });
  return parsed(application, answer);
}

/** Null when no operation with this token ever took effect. @throws Unavailable */
export async function operationOf(where: Settings, token: string, signal: AbortSignal): Promise<FleetOperation | null> {
  const answer = await look(where, `/operations/${token}`, signal);
  return answer.status === 404 ? null : parsed(operation, answer);
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
    const answer = await call(where, { method: "POST", path: "/operations", body: request }, signal);
    const { error, message: reason = "it is busy" } = words.parse(answer.body);
    if (error === "operation_in_progress") return { kind: "later", after: BUSY, reason };
    const taken = operation.safeParse(answer.body);
    return (
      outcomeOf(answer, SUPERVISOR) ??
      (taken.success
        ? { kind: "taken", operation: taken.data }
        : { kind: "unknown", reason: "the supervisor gave an answer that cannot be read" })
    );
  } catch (error) {
    return outcomeOfSilence(error, SUPERVISOR);
  }
}

/** Asks for the end of a task that is under way; how it ends, its operation says. @throws Unavailable */
export async function stop(where: Settings, token: string, signal: AbortSignal): Promise<void> {
  await call(where, { method: "DELETE", path: `/operations/${token}` }, signal).catch((error: unknown) => {
    throw complaintOfSilence(error, SUPERVISOR);
  });
}

function look(where: Settings, path: string, signal: AbortSignal): Promise<Answer> {
  return call(where, { method: "GET", path }, signal).catch((error: unknown) => {
    throw complaintOfSilence(error, { name: `the supervisor at ${new URL(where.supervisor).host}` });
  });
}

async function call(
  where: Settings,
  { method, path, body }: { method: string; path: string; body?: object },
  signal: AbortSignal,
): Promise<Answer> {
  const token = (await readSecret(where.token)).trim();
  const url = new URL(`/apps/${encodeURIComponent(where.application)}${path}`, where.supervisor);
  return send({ method, url, headers: { authorization: `Bearer ${token}` }, body }, signal);
}

function parsed<Shape extends z.ZodType>(shape: Shape, answer: Answer): z.infer<Shape> {
  const complaint = complaintOf(answer, SUPERVISOR);
  if (complaint !== null) throw complaint;
  return bodyAs(shape, answer.body, SUPERVISOR);
}
