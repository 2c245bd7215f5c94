import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { AlertFormat } from "../src/domain/alert.ts";
import type { Reference } from "../src/domain/secret-reference.ts";
import { Unavailable } from "../src/errors.ts";
import { readSecret } from "../src/secret.ts";
import { isObject } from "../src/domain/json-object.ts";
import { basicOf, isSame } from "./shared-secret.ts";

/** How whoever sends us alerts proves who they are: each tool in the way that it can. */

/** What a request brings. */
export type Proof = {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** The body; null while it is not read. */
  readonly raw: Buffer | null;
  /** The body as JSON, where it is some. */
  readonly body: unknown;
};

/** What each format offers beside the ways that all have; `query` only where its tool can do nothing else. */
const WAYS: Readonly<Partial<Record<AlertFormat | "heartbeat", Way>>> = {
  sentry: { signature: (secret, headers, raw) => isSigned(secret, raw, headers["sentry-hook-signature"], "hex") },
  heroku: {
    signature: (secret, headers, raw) => isSigned(secret, raw, headers["heroku-webhook-hmac-sha256"], "base64"),
  },
  grafana: {
    signature: (secret, headers, raw) => isSigned(secret, raw, headers["x-grafana-alerting-signature"], "hex"),
  },
  pagerduty: { field: "routing_key" },
  cloud66: { query: true },
  heartbeat: { query: true },
};
type Way = {
  readonly signature?: (secret: string, headers: IncomingHttpHeaders, raw: Buffer) => boolean;
  /** The field of the body that has the secret. */
  readonly field?: string;
  readonly query?: true;
};

const KEPT_FOR = 5_000; // ms that a secret is used before it is read again
const kept = new Map<string, { readonly at: number; readonly secret: Promise<string> }>();

/**
 * Whether a request proves that its sender knows the secret; while its body is not read, whether it may.
 * @throws Unavailable when the secret cannot be read
 */
export async function isProven(reference: Reference, of: AlertFormat | "heartbeat", proof: Proof): Promise<boolean> {
  const secret = await secretAt(reference);
  const way = WAYS[of] ?? {};
  if (offered(proof, way).some((each) => isSame(each, secret))) return true;
  if (proof.raw === null) return way.signature !== undefined || way.field !== undefined;
  return way.signature?.(secret, proof.headers, proof.raw) ?? false;
}

function secretAt(reference: Reference): Promise<string> {
  const key = JSON.stringify(reference);
  const known = kept.get(key);
  if (known !== undefined && performance.now() - known.at < KEPT_FOR) return known.secret;
  const secret = readSecret(reference).then(
    (text) => text.trim(),
    (cause: unknown) => {
      throw new Unavailable("What senders prove themselves with cannot be read here.", { cause });
    },
  );
  kept.set(key, { at: performance.now(), secret });
  secret.catch(() => kept.delete(key));
  return secret;
}

/** Every text of the request that may be the secret. */
function offered({ headers, query, body }: Proof, { field, query: mayQuery }: Way): string[] {
  const own = headers["x-daytwo-secret"];
  const inBody = field === undefined || !isObject(body) ? undefined : body[field];
  return [
    ...authorization(headers.authorization),
    typeof own === "string" ? own : "",
    typeof inBody === "string" ? inBody : "",
    mayQuery === true ? (query.get("token") ?? "") : "",
  ].filter((text) => text !== "");
}

/** What follows `Bearer` or any other word, or the whole header; of `Basic` the password, whoever the user is. */
function authorization(header: string | undefined): string[] {
  const [, scheme = "", rest = ""] = /^(\S+)\s+(\S.*)$/.exec(header?.trim() ?? "") ?? [];
  if (scheme.toLowerCase() !== "basic") return [rest, header?.trim() ?? ""];
  return [basicOf(rest).password];
}

/** The user of `Basic`, who may say which source is meant. */
export function userOf({ headers }: Pick<Proof, "headers">): string | null {
  const basic = /^basic\s+(\S+)$/i.exec(headers.authorization?.trim() ?? "")?.[1];
  return basic === undefined ? null : basicOf(basic).user;
}

function isSigned(
  secret: string,
  raw: Buffer,
  signature: string | string[] | undefined,
  encoding: "hex" | "base64",
): boolean {
  if (typeof signature !== "string") return false;
  return isSame(signature.trim(), createHmac("sha256", secret).update(raw).digest(encoding));
}
