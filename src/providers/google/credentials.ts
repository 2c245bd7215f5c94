import { createHash } from "node:crypto";
import { z } from "zod";
import { networkProblem } from "../../checks/network-problem.ts";
import { Expected, Invalid, Unavailable } from "../../errors.ts";
import { keepSecret } from "../../redaction.ts";
import type { Reference } from "../../domain/secret-reference.ts";
import { readReference } from "../../secret.ts";

/**
 * As whom Google is asked. Its own library finds what this process has by itself, and gets tokens, each used until it runs
 * out; nothing but tokens is asked for through it.
 */

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
/** Where the library takes the key of an account to, whatever the key itself says. */
const TOKENS = "https://oauth2.googleapis.com/token";
const PATIENCE = 10_000; // ms for a token

/** The JSON of an account's key, as Google hands it out. */
const document = z.object({
  type: z.literal("service_account"),
  client_email: z.string(),
  private_key: z.string(),
  token_uri: z.url().default(TOKENS),
});
type Key = z.infer<typeof document>;

type Identity = { headers(): Promise<Headers>; account(): Promise<string | undefined> };

/** By what was read, so that a key that was exchanged is used from then on. */
const opened = new Map<string, Promise<Identity>>();

/**
 * What a request must bring: a token that is good now, and whose quota it is where the credentials say that.
 * @throws Invalid when the credentials are not there or not accepted, Unavailable when nobody says
 */
export async function headersOf(
  reference: Reference | undefined,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const identity = await identityOf(reference);
  const headers = await asking(() => identity.headers(), signal);
  keepSecret(headers.get("authorization")?.replace(/^Bearer /, ""));
  return Object.fromEntries(headers);
}

/** "daytwo@acme-shop.iam.gserviceaccount.com"; undefined where the credentials do not say it. @throws Expected */
export async function accountOf(reference: Reference | undefined, signal: AbortSignal): Promise<string | undefined> {
  const identity = await identityOf(reference);
  return asking(() => identity.account(), signal);
}

/** @throws Invalid */
async function identityOf(reference: Reference | undefined): Promise<Identity> {
  if (reference === undefined) return once("default", openDefault);
  const text = await readReference(reference);
  return once(createHash("sha256").update(text).digest("hex"), () => openKey(keyIn(text)));
}

function once(name: string, open: () => Promise<Identity>): Promise<Identity> {
  const known = opened.get(name) ?? open();
  opened.set(name, known);
  return known;
}

function keyIn(text: string): Key {
  const read = document.safeParse(parsed(text));
  if (!read.success)
    throw new Invalid("The credentials for Google are not in a form that I know.", {
      hint: "It is the JSON file that Google makes for the key of an account.",
    });
  keepSecret(read.data.private_key);
  return read.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What Google calls Application Default Credentials: those of the machine, of a federation, of whoever is logged in. */
async function openDefault(): Promise<Identity> {
  const { GoogleAuth } = await import("google-auth-library");
  // Each request names its own project; without one here the library would look for one, even by starting gcloud.
  const auth = new GoogleAuth({ scopes: SCOPE, projectId: "none" });
  return {
    headers: () => auth.getRequestHeaders(),
    account: async () => (await auth.getCredentials()).client_email,
  };
}

async function openKey({ client_email: email, private_key: key, token_uri: tokens }: Key): Promise<Identity> {
  const { JWT } = await import("google-auth-library");
  const transporterOptions = tokens === TOKENS ? {} : { fetchImplementation: leading(TOKENS, tokens) };
  const client = new JWT({ email, key, scopes: SCOPE, transporterOptions });
  return { headers: () => client.getRequestHeaders(), account: () => Promise.resolve(email) };
}

/** Asks there instead: a key may name an endpoint of one's own, as networks without a way out have one. */
function leading(from: string, to: string): typeof fetch {
  return (asked, options) => fetch(String(asked instanceof Request ? asked.url : asked) === from ? to : asked, options);
}

/** @throws Expected */
async function asking<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  try {
    return await Promise.race([calledOff(over), work()]);
  } catch (error) {
    if (error instanceof Expected) throw error;
    throw complaint(error);
  }
}

async function calledOff(signal: AbortSignal): Promise<never> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  throw new Unavailable("Google did not give a token in time.");
}

/** The error itself holds what was sent, so that it is no cause of ours. */
function complaint(error: unknown): Expected {
  const status = statusOf(error);
  const network = networkProblem(error);
  if (network !== undefined || status === 429 || (status ?? 0) >= 500)
    return new Unavailable(`Google gives no token${network === undefined ? "" : `: ${network.words}`}.`);
  if (status === undefined && error instanceof Error && /default credentials|find credentials/.test(error.message))
    return new Invalid("There are no credentials for Google here.", {
      hint: "Name `credentials` with the target, or give this process some of its own; docs/providers/google.md has how.",
    });
  return new Invalid("Google does not accept the credentials.", {
    hint: "Look whether the key is still there and the account enabled, and whether this machine's clock is right.",
  });
}

function statusOf(error: unknown): number | undefined {
  const read = z.object({ status: z.number() }).safeParse(error);
  return read.success ? read.data.status : undefined;
}
