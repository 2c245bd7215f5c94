import { z } from "zod";
import { Expected, Invalid } from "../../errors.ts";
import { ask, bodyAs, goodAnswer, urlAt, type Answer, type Asked, type System } from "../http-json.ts";
import { listen, type Listening } from "../http-lines.ts";
import { withTimeout } from "../with-timeout.ts";
import { configOf, credentialsOf } from "./kubeconfig.ts";
import type { Cluster } from "./settings.ts";

/** Requests to the Kubernetes API, one at a time. */

const status = z.object({ kind: z.literal("Status"), message: z.string() });
const LONGEST_WORD = 300;
const WORDLESS = "Unauthorized"; // all that it says to whom it does not know

export const CLUSTER: System = {
  name: "the cluster",
  says(body) {
    const { message = WORDLESS } = status.safeParse(body).data ?? {};
    return message === WORDLESS ? undefined : `the cluster says: ${message.slice(0, LONGEST_WORD)}`;
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
  const url = urlAt(server, path);
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
  const { body } = await goodAnswer(call(where, sent, signal), CLUSTER);
  return bodyAs(shape, body, CLUSTER);
}

const PAGE = 500;
/** A list that is empty may be null, as Go has it. */
const page = z.object({
  metadata: z.object({ continue: z.string().optional() }).prefault({}),
  items: z.array(z.unknown()).nullish(),
});

/** All items of a list, page by page. @throws Invalid | Unavailable */
export async function listAll<Shape extends z.ZodType>(
  where: Cluster,
  sent: Sent,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.infer<Shape>[]> {
  return bodyAs(z.array(shape), await itemsOf(where, sent, signal), CLUSTER);
}

const STARTS = 3;
const EXPIRED = 410; // what a page continues is forgotten after some minutes, sooner where much changes

async function itemsOf(where: Cluster, sent: Sent, signal: AbortSignal, starts = STARTS): Promise<unknown[]> {
  const items: unknown[] = [];
  let next = "";
  do {
    const more = next === "" ? {} : { continue: next };
    const query = { ...sent.query, limit: String(PAGE), ...more };
    const asking = call(where, { path: sent.path, query }, signal);
    const isTooOld = next !== "" && (await asking.catch(() => null))?.status === EXPIRED;
    if (isTooOld && starts > 1) return itemsOf(where, sent, signal, starts - 1);
    const found = bodyAs(page, (await goodAnswer(asking, CLUSTER)).body, CLUSTER);
    items.push(...(found.items ?? []));
    next = found.metadata.continue ?? "";
  } while (next !== "");
  return items;
}

/** Whether a cluster has this kind of thing, or group of APIs; it may be that nobody installed it. */
export async function isServed(where: Cluster, path: string, signal: AbortSignal): Promise<boolean> {
  const answer = await call(where, { path }, signal).catch(() => null);
  return answer?.status !== 404;
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
