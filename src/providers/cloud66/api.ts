import { z } from "zod";
import { webAddress } from "../../domain/measures.ts";
import { readSecret } from "../../secret.ts";
import { ask, bodyAs, complaintOf, complaintOfSilence, urlAt, type Answer, type System } from "../http-json.ts";
import { reference } from "../../domain/secret-reference.ts";

/** The API of Cloud 66, one request at a time. */

export const settings = z.strictObject({
  stack: z
    .string()
    .regex(/^[A-Za-z0-9-]{8,64}$/, "Write the stack's UID, like 5999b763474b0eafa5fafb64bff0ba80.")
    .describe("The stack's UID."),
  token: reference.describe("Where the personal access token is."),
  account: z
    .int()
    .positive()
    .optional()
    .describe("The number of the stack's account, where the token sees more than one account."),
  api: webAddress("Write its URL, like https://app.cloud66.com.")
    .optional()
    .describe("Where Cloud 66 is, if not at its own address: a proxy that stands before it."),
  log: z
    .union([z.enum(["off"]), z.literal(false), webAddress("Write its URL, like https://sockets.cloud66.com/push.")], {
      error: "must be a URL, like https://sockets.cloud66.com/push, or off",
    })
    .optional()
    .describe("Where the log of what is done is heard, if not at Cloud 66's own address; off with `api`, or by `off`."),
});
export type Settings = z.infer<typeof settings>;
/** Without a stack, all of them. */
type Where = Omit<Settings, "stack"> & Partial<Pick<Settings, "stack">>;

const complaint = z.object({
  error: z.string().nullish(),
  error_description: z.string().nullish(),
  details: z.string().nullish(),
});
/** Characters of what Cloud 66 says that are told on. */
export const LONGEST_WORD = 300;

function says(body: unknown): string | undefined {
  const { details, error_description: description, error } = complaint.safeParse(body).data ?? {};
  const said = [details, description, error].find((each) => (each ?? "") !== "");
  return said === undefined ? undefined : `Cloud 66 says: ${said?.slice(0, LONGEST_WORD)}`;
}

export const CLOUD66: System = {
  name: "Cloud 66",
  // The trial, or what was paid for, is over.
  proofs: [402],
  says,
};

/** By its 503 it says that there were too many requests, or that there is no such one: its words tell which. */
export function meaning({ status, body }: Answer): System {
  const words = status === 503 ? JSON.stringify(complaint.safeParse(body).data ?? {}) : "";
  return {
    ...CLOUD66,
    throttles: /throttl/i.test(words) ? [503] : [],
    proofs: [...(CLOUD66.proofs ?? []), ...(/not.implemented/i.test(words) ? [503] : [])],
  };
}

export type Sent = {
  /** What is beneath the stack, "/deployments"; empty for the stack itself, or for all of them. */
  readonly path: string;
  readonly page?: number;
  /** Sent where something is to be changed. */
  readonly body?: unknown;
  /** Told to Cloud 66 for its own records: it compares nothing by it. */
  readonly operation?: string;
};

const API = "https://app.cloud66.com";

/** @throws Unanswered, Invalid when there is no token */
export async function call(
  { stack, token, account, api = API }: Where,
  { path, page, body, operation }: Sent,
  signal: AbortSignal,
): Promise<Answer> {
  const url = urlAt(api, `/api/3/stacks${stack === undefined ? "" : `/${stack}`}${path}.json`);
  if (page !== undefined) url.searchParams.set("page", String(page));
  const headers = {
    "user-agent": operation === undefined ? "daytwo" : `daytwo (${operation})`,
    authorization: `Bearer ${(await readSecret(token)).trim()}`,
    ...(account === undefined ? {} : { "x-account": String(account) }),
  };
  return ask({ method: body === undefined ? "GET" : "POST", url, headers, body }, signal);
}

const envelope = z.object({
  response: z.unknown(),
  pagination: z.object({ next: z.int().nullish() }).nullish(),
});

/** @throws Unavailable | Invalid */
async function look(where: Where, sent: Sent, signal: AbortSignal): Promise<Answer> {
  const answer = await call(where, sent, signal).catch((error: unknown) => {
    throw complaintOfSilence(error, CLOUD66);
  });
  const wrong = complaintOf(answer, meaning(answer));
  if (wrong !== null) throw wrong;
  return answer;
}

/** @throws Unavailable */
function shaped<Shape extends z.ZodType>(shape: Shape, value: unknown): z.infer<Shape> {
  return bodyAs(shape, value, CLOUD66);
}

export type One<Item> = {
  readonly item: Item;
  /** How many requests are left for this hour; undefined where it does not say. */
  readonly left: number | undefined;
};

/** @throws Unavailable | Invalid */
export async function one<Shape extends z.ZodType>(
  where: Where,
  path: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<One<z.infer<Shape>>> {
  const { headers, body } = await look(where, { path }, signal);
  const left = headers["x-ratelimit-remaining"];
  return {
    item: shaped(shape, shaped(envelope, body).response),
    left: typeof left === "string" ? Number(left) : undefined,
  };
}

const MOST_PAGES = 100;

/** A list, page by page until there is enough of it. @throws Unavailable | Invalid */
export async function list<Shape extends z.ZodType>(
  where: Where,
  path: string,
  shape: Shape,
  { signal, isEnough = () => false }: { signal: AbortSignal; isEnough?(items: readonly z.infer<Shape>[]): boolean },
): Promise<z.infer<Shape>[]> {
  const items: z.infer<Shape>[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { body } = await look(where, { path, page }, signal);
    const { response, pagination } = shaped(envelope, body);
    items.push(...shaped(z.array(shape), response));
    if ((pagination?.next ?? 0) <= page || isEnough(items)) break;
  }
  return items;
}
