import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { webAddress } from "../domain/measures.ts";
import { Invalid, Unavailable } from "../errors.ts";
import { keepSecret } from "../hidden.ts";
import { readSecret } from "../secret.ts";
import { ask, complaintOf, complaintOfSilence, type Answer, type System } from "./http-json.ts";

/** Heroku's Platform API, one request at a time. */

export const settings = z
  .strictObject({
    app: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/, "Write the app's name as `heroku apps` shows it, like shop-web.")
      .describe("The app's name."),
    token: z
      .union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
        error: "Write it as { env: NAME } or { file: path }.",
      })
      .optional()
      .describe("Where the token is; left out, HEROKU_API_KEY is taken, then what ~/.netrc has for api.heroku.com."),
    api: webAddress("Write its URL, like https://api.heroku.com.")
      .optional()
      .describe("Where the API is, if not at Heroku; `token` must be named with it."),
  })
  .refine(({ api, token }) => api === undefined || token !== undefined, {
    error: "Name a `token` for another `api`: Heroku's own goes nowhere else.",
  })
  .meta({ dependentRequired: { api: ["token"] } });
export type Settings = z.infer<typeof settings>;

const LONGEST_WORD = 300;
const complaint = z.object({ id: z.string(), message: z.string() });

export const HEROKU: System = {
  name: "Heroku",
  // An account that owes something, a range that cannot be had.
  proofs: [402, 416],
  says(body) {
    const said = complaint.safeParse(body);
    return said.success ? `Heroku says: ${said.data.message.slice(0, LONGEST_WORD)}` : undefined;
  },
};

export type Sent = {
  readonly method?: string;
  /** Beneath the app, like "/formation"; from the root where `root` is set. */
  readonly path: string;
  readonly root?: true;
  readonly range?: string;
  readonly body?: unknown;
  /** Told to Heroku for its own records: it compares nothing by it. */
  readonly operation?: string;
};

const API = "https://api.heroku.com";

/** @throws Unanswered, Invalid when there is no token */
export async function call(
  where: Settings,
  { method = "GET", path, root, range, body, operation }: Sent,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(root === true ? path : `/apps/${where.app}${path}`, where.api ?? API);
  const headers = {
    accept: "application/vnd.heroku+json; version=3",
    "user-agent": operation === undefined ? "daytwo" : `daytwo (${operation})`,
    authorization: `Bearer ${await tokenOf(where)}`,
    ...(range === undefined ? {} : { range }),
  };
  return ask({ method, url, headers, body }, signal);
}

/** @throws Invalid | Unavailable */
export async function look(where: Settings, sent: Sent, signal: AbortSignal): Promise<Answer> {
  const answer = await call(where, sent, signal).catch((error: unknown) => {
    throw complaintOfSilence(error, HEROKU);
  });
  const wrong = complaintOf(answer, HEROKU);
  if (wrong !== null) throw wrong;
  return answer;
}

/** @throws Unavailable */
export function shaped<Shape extends z.ZodType>(shape: Shape, { body }: Answer): z.infer<Shape> {
  const read = shape.safeParse(body);
  if (!read.success) throw new Unavailable("Heroku's answer has a shape that I do not know.", { cause: read.error });
  return read.data;
}

export type Listed<Item> = {
  readonly items: Item[];
  /** How many requests the account has left, of the 4,500 that it can save up. */
  readonly left: number;
};

/** A list, page by page to its end. @throws Invalid | Unavailable */
export async function list<Shape extends z.ZodType>(
  where: Settings,
  path: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<Listed<z.infer<Shape>>> {
  const items: z.infer<Shape>[] = [];
  let range: string | undefined = "id ..; max=1000";
  let left = 0;
  while (range !== undefined) {
    const answer: Answer = await look(where, { path, range }, signal);
    items.push(...shaped(z.array(shape), answer));
    left = Number(answer.headers["ratelimit-remaining"] ?? 0);
    const next = answer.headers["next-range"];
    range = answer.status === 206 && typeof next === "string" ? next : undefined;
  }
  return { items, left };
}

/** As the `heroku` program finds it, where the catalog names none. @throws Invalid */
async function tokenOf({ token }: Settings): Promise<string> {
  if (token !== undefined) return (await readSecret(token)).trim();
  const found = process.env["HEROKU_API_KEY"] ?? (await ofNetrc());
  if (found === undefined || found === "")
    throw new Invalid("There is no token for Heroku here.", {
      hint: "Set HEROKU_API_KEY, or name one as `token: { env: NAME }` in the target.",
    });
  keepSecret(found);
  return found;
}

async function ofNetrc(): Promise<string | undefined> {
  const text = await readFile(join(homedir(), ".netrc"), "utf8").catch(() => "");
  const [, own = ""] = text.split(/^\s*machine\s+api\.heroku\.com\s/m);
  const [entry = ""] = own.split(/^\s*machine\s/m);
  return /\bpassword\s+(\S+)/.exec(entry)?.[1];
}
