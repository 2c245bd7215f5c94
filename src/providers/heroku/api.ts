import { z } from "zod";
import { webAddress } from "../../domain/measures.ts";
import { Invalid, Unavailable } from "../../errors.ts";
import { readSecret } from "../../secret.ts";
import { ask, bodyAs, goodAnswer, urlAt, type Answer, type System } from "../http-json.ts";
import { reference } from "../../domain/secret-reference.ts";
import { servedAt } from "../serves.ts";

/** Heroku's Platform API, and its data API where backups of databases are, one request at a time. */

/** As whom Heroku is asked. */
export const account = z.strictObject({
  token: reference.optional().describe("Where the token is; { env: HEROKU_API_KEY } where this is left out."),
  api: webAddress("Write its URL, like https://api.heroku.com.")
    .optional()
    .describe("Where the API is, if not at Heroku: a proxy that stands before it. `token` must be named with it."),
  data: webAddress("Write its URL, like https://api.data.heroku.com.")
    .optional()
    .describe(
      "Where the data API of Heroku Postgres is, if not at Heroku: a proxy too. Backups are seen with another `api` only where it is named.",
    ),
});
export type Account = z.infer<typeof account>;

const UNNAMED = "Name a `token` for another `api` or `data`: the one for Heroku goes nowhere else.";
function namesToken({ api, data, token }: Account): boolean {
  return (api === undefined && data === undefined) || token !== undefined;
}

export const settings = z
  .strictObject({
    app: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/, "Write the app's name as `heroku apps` shows it, like shop-web.")
      .describe("The app's name."),
    certificate: z
      .strictObject({ address: servedAt })
      .optional()
      .describe("Of the certificates that Heroku issues for it."),
    ...account.shape,
  })
  .refine(namesToken, { error: UNNAMED })
  .meta({ dependentRequired: { api: ["token"], data: ["token"] } });
export type Settings = z.infer<typeof settings>;

const LONGEST_WORD = 300;
const complaint = z.object({ message: z.string() });

export const HEROKU: System = {
  name: "Heroku",
  // The account owes something, or has yet to say how it pays.
  proofs: [402],
  says(body) {
    const said = complaint.safeParse(body);
    return said.success ? `Heroku says: ${said.data.message.slice(0, LONGEST_WORD)}` : undefined;
  },
};

/** What Heroku's own command line asks about databases. The reference of the Platform API does not have it. */
export const DATA: System = { ...HEROKU, name: "Heroku's data API" };

export type Sent = {
  /** Heroku itself if left out. */
  readonly to?: System;
  readonly method?: string;
  readonly path: string;
  /** Of a list: by what it is sorted, and how much of it is wanted. */
  readonly range?: string;
  readonly body?: unknown;
  /** Told to Heroku for its own records: it compares nothing by it. */
  readonly operation?: string;
};

const API = "https://api.heroku.com";
const DATA_API = "https://api.data.heroku.com";
const TOKEN = { env: "HEROKU_API_KEY" };

/** The path of an app, and of what is beneath it. */
export function pathOf({ app }: Settings, beneath = ""): string {
  return `/apps/${app}${beneath}`;
}

/** @throws Unanswered, Invalid when there is no token */
export async function call(
  as: Account,
  { to = HEROKU, method = "GET", path, range, body, operation }: Sent,
  signal: AbortSignal,
): Promise<Answer> {
  if (!namesToken(as)) throw new Invalid(UNNAMED);
  const { token = TOKEN } = as;
  const headers = {
    accept: "application/vnd.heroku+json; version=3",
    "user-agent": operation === undefined ? "daytwo" : `daytwo (${operation})`,
    authorization: `Bearer ${(await readSecret(token)).trim()}`,
    ...(range === undefined ? {} : { range }),
  };
  return ask({ method, url: urlAt(to === DATA ? dataApi(as) : (as.api ?? API), path), headers, body }, signal);
}

/** @throws Unavailable where a token that is for a proxy would go to Heroku */
function dataApi({ api, data }: Account): string {
  if (api !== undefined && data === undefined) throw new Unavailable("The target names another `api`, and no `data`.");
  return data ?? DATA_API;
}

/** @throws Unavailable | Invalid */
export function look(as: Account, sent: Sent, signal: AbortSignal): Promise<Answer> {
  return goodAnswer(call(as, sent, signal), sent.to ?? HEROKU);
}

/** @throws Unavailable */
export function shaped<Shape extends z.ZodType>(shape: Shape, { body }: Answer): z.infer<Shape> {
  return bodyAs(shape, body, HEROKU);
}

export type Listed<Item> = {
  readonly items: Item[];
  /** How many requests the account has left for now; undefined where Heroku does not say. */
  readonly left: number | undefined;
};

const MOST_PAGES = 100; // a proxy may drop the range that is asked for, and answer with the same page for ever

/** A list, page by page to its end. @throws Unavailable | Invalid */
export async function list<Shape extends z.ZodType>(
  as: Account,
  asked: string | Pick<Sent, "to" | "path">,
  shape: Shape,
  signal: AbortSignal,
): Promise<Listed<z.infer<Shape>>> {
  const sent = typeof asked === "string" ? { path: asked } : asked;
  const items: z.infer<Shape>[] = [];
  let next: Pick<Sent, "range"> | null = {};
  let left: number | undefined;
  for (let page = 0; next !== null; page += 1) {
    if (page === MOST_PAGES) throw new Unavailable(`Heroku's list has no end within ${MOST_PAGES} pages.`);
    const answer: Answer = await look(as, { ...sent, ...next }, signal);
    items.push(...shaped(z.array(shape), answer));
    const { "ratelimit-remaining": remaining, "next-range": range } = answer.headers;
    left = typeof remaining === "string" ? Number(remaining) : undefined;
    next = answer.status === 206 && typeof range === "string" ? { range } : null;
  }
  return { items, left };
}
