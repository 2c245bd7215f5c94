import type { RequestOptions } from "node:https";
import { dirname } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { z } from "zod";
import { canonical } from "../../domain/canonical.ts";
import { Expected, Invalid, Unavailable } from "../../errors.ts";
import { keepSecret } from "../../redaction.ts";
import { readReference } from "../../secret.ts";
import { ask, complaintOf, complaintOfSilence, type Answer, type Asked, type System } from "../http-json.ts";
import { listen, type Listening } from "../http-lines.ts";
import { withTimeout } from "../with-timeout.ts";
import { servedAt } from "../serves.ts";

/** The Kubernetes API: how a cluster is found, who we are there, and one request at a time. */

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const name = z.string().regex(NAME, "Write its name as kubectl shows it, like shop-web.");

export const KINDS = {
  deployment: { plural: "deployments", kind: "Deployment" },
  statefulset: { plural: "statefulsets", kind: "StatefulSet" },
  daemonset: { plural: "daemonsets", kind: "DaemonSet" },
} as const;
export type Kind = keyof typeof KINDS;
const EVERY_KIND = Object.keys(KINDS) as Kind[];

/** Which cluster, and which part of it. */
const PLACE = {
  namespace: name.describe("The namespace that it is in."),
  context: z
    .string()
    .min(1)
    .optional()
    .describe("The context of the kubeconfig; its current one where this is left out."),
  kubeconfig: z
    .union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
      error: "Write it as { env: NAME } or { file: path }.",
    })
    .optional()
    .describe(
      "Where the kubeconfig is; left out, it is looked for as kubectl does, and in a pod the pod's own account is used.",
    ),
};
/** Where to look for what runs; without a namespace in all of them. */
export const place = z.strictObject({ ...PLACE, namespace: name.optional() });
export type Cluster = Omit<z.infer<typeof place>, "namespace">;

const certificate = z.strictObject({
  name: name.describe("The name of the Certificate, in the same namespace."),
  address: servedAt,
});

export const settings = z
  .strictObject({
    deployment: name.optional().describe("The Deployment's name; this, or one of the next two."),
    statefulset: name.optional().describe("The StatefulSet's name."),
    daemonset: name.optional().describe("The DaemonSet's name."),
    ...PLACE,
    container: name
      .optional()
      .describe("The container whose image is the release; the first one where this is left out."),
    certificate: certificate.optional().describe("Its certificate, where cert-manager has it."),
  })
  .refine((given) => EVERY_KIND.filter((kind) => given[kind] !== undefined).length === 1, {
    error: "Name one of `deployment`, `statefulset` and `daemonset`.",
  })
  .meta({ oneOf: EVERY_KIND.map((kind) => ({ required: [kind] })) });
export type Settings = z.infer<typeof settings>;

/** Which workload a target is. */
export function workloadOf(where: Settings): { readonly kind: Kind; readonly name: string } {
  for (const kind of EVERY_KIND) {
    const named = where[kind];
    if (named !== undefined) return { kind, name: named };
  }
  throw new Error("settings that name no workload");
}

const status = z.object({ kind: z.literal("Status"), message: z.string() });
const LONGEST_WORD = 300;

export const CLUSTER: System = {
  name: "the cluster",
  says(body) {
    const said = status.safeParse(body);
    return said.success ? `the cluster says: ${said.data.message.slice(0, LONGEST_WORD)}` : undefined;
  },
};

export type Sent = {
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** One request. @throws Unanswered, Invalid when nobody can be asked with these settings */
export function call(where: Cluster, sent: Sent, signal: AbortSignal): Promise<Answer> {
  return through(where, sent, signal, (asked) => ask(asked, signal));
}

/** An answer that goes on, until the cluster ends it: null; else what it answered instead. @throws as `call` does */
export function listenTo(where: Cluster, sent: Sent, listening: Listening): Promise<Answer | null> {
  const soon = AbortSignal.any([listening.signal, AbortSignal.timeout(CREDENTIALS)]);
  return through(where, sent, soon, (asked) => listen(asked, listening));
}

const CREDENTIALS = 30_000; // ms within which they are had

async function through<Result extends Answer | null>(
  where: Cluster,
  { method = "GET", path, query = {}, headers = {}, body }: Sent,
  signal: AbortSignal,
  exchanging: (asked: Asked) => Promise<Result>,
): Promise<Result> {
  const { config, forget } = await configOf(where);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || !URL.canParse(server))
    throw new Invalid("The kubeconfig names no cluster for this context.", {
      hint: "`kubectl config view --minify` shows what it names.",
    });
  const { headers: credentials = {}, ...connection } = await withTimeout(credentialsOf(config), {
    what: "The credentials for the cluster",
    signal,
  });
  const url = new URL(`${server.replace(/\/+$/, "")}${path}`);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  const answer = await exchanging({ method, url, headers: { ...headers, ...credentials }, connection, body });
  if (answer?.status === 401) forget();
  return answer;
}

/** What a look finds. @throws Invalid | Unavailable */
export async function look<Shape extends z.ZodType>(
  where: Cluster,
  sent: Sent,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.infer<Shape>> {
  const answer = await call(where, sent, signal).catch((error: unknown) => {
    throw complaintOfSilence(error, CLUSTER);
  });
  const complaint = complaintOf(answer, CLUSTER);
  if (complaint !== null) throw complaint;
  const read = shape.safeParse(answer.body);
  if (!read.success)
    throw new Unavailable("The cluster's answer has a shape that I do not know.", { cause: read.error });
  return read.data;
}

const PAGE = 500;
const page = z.object({ metadata: z.object({ continue: z.string().optional() }), items: z.array(z.unknown()) });

/** All items of a list, page by page. @throws Invalid | Unavailable */
export async function listAll<Shape extends z.ZodType>(
  where: Cluster,
  { path, query = {} }: Sent,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.infer<Shape>[]> {
  const items: unknown[] = [];
  let next: string | undefined;
  do {
    const more = next === undefined || next === "" ? {} : { continue: next };
    const found = await look(where, { path, query: { ...query, limit: String(PAGE), ...more } }, page, signal);
    items.push(...found.items);
    next = found.metadata.continue;
  } while (next !== undefined && next !== "");
  const read = z.array(shape).safeParse(items);
  if (!read.success)
    throw new Unavailable("The cluster's answer has a shape that I do not know.", { cause: read.error });
  return read.data;
}

/** Nothing, where it may not be seen or is not there. */
export async function sight<Found>(work: Promise<Found[]>): Promise<Found[]> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Expected) return [];
    throw error;
  }
}

type Known = { readonly config: KubeConfig; forget(): void };
/** The last configuration of each place, by what it says: tokens that a program handed out, and connections, are kept with it. */
const known = new Map<string, { readonly said: string; readonly config: KubeConfig }>();

async function configOf(where: Cluster): Promise<Known> {
  const { kubeconfig = null, context = null } = where;
  const place = canonical({ kubeconfig, context });
  const fresh = await read(where);
  const said = fresh.exportConfig();
  const last = known.get(place);
  const config = last?.said === said ? last.config : fresh;
  known.set(place, { said, config });
  return { config, forget: () => void known.delete(place) };
}

const NOWHERE = "http://localhost:8080"; // where the client looks when it has found nothing at all

async function read({ kubeconfig, context }: Cluster): Promise<KubeConfig> {
  const text = kubeconfig === undefined ? null : await readReference(kubeconfig);
  // A second and more to load: only for whoever has a target there.
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  try {
    if (text === null) config.loadFromDefault();
    else config.loadFromString(text);
  } catch {
    // What it says may quote the file.
    throw new Invalid("The kubeconfig cannot be read.", { hint: "`kubectl config view` says what is wrong with it." });
  }
  if (kubeconfig !== undefined && "file" in kubeconfig) config.makePathsAbsolute(dirname(kubeconfig.file));
  if (config.getCurrentCluster()?.server === NOWHERE && config.getCurrentUser()?.name === "user")
    throw new Invalid("There is no kubeconfig here, and this is no pod.", {
      hint: "Set KUBECONFIG, or name the file as `kubeconfig: { file: … }` in the target.",
    });
  if (context === undefined) return config;
  const there = config.getContexts().map((each) => each.name);
  if (!there.includes(context))
    throw new Invalid(`The kubeconfig has no context called ${context}.`, { hint: `There is ${there.join(", ")}.` });
  config.setCurrentContext(context);
  return config;
}

type Credentials = Pick<RequestOptions, "agent" | "ca" | "cert" | "key" | "rejectUnauthorized" | "servername"> & {
  headers?: Record<string, string>;
};

/** @throws Invalid when no credentials can be had */
async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    if (cause instanceof Expected) throw cause;
    throw new Invalid("The credentials for the cluster could not be had.", {
      cause,
      hint: "`kubectl auth whoami` with the same kubeconfig says why.",
    });
  }
  const { agent, ca, cert, key, rejectUnauthorized, servername, auth } = options;
  const headers = { ...(options.headers as Record<string, string> | undefined) };
  if (typeof auth === "string") headers["Authorization"] = `Basic ${Buffer.from(auth).toString("base64")}`;
  for (const secret of [headers["Authorization"], config.getCurrentUser()?.password, key]) keepSecret(textOf(secret));
  return { ...defined({ agent, ca, cert, key, rejectUnauthorized, servername }), headers };
}

function textOf(secret: unknown): string | undefined {
  if (Buffer.isBuffer(secret)) return secret.toString("utf8");
  return typeof secret === "string" ? secret : undefined;
}

function defined<Given extends object>(given: Given): { [Key in keyof Given]: Exclude<Given[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Given]: Exclude<Given[Key], undefined>;
  };
}
