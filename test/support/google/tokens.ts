import { createVerify, generateKeyPairSync, randomUUID, type KeyObject } from "node:crypto";
import type { Call, Reply } from "../json-server.ts";

/**
 * Google's token endpoint (RFC 7523): takes an assertion that an account signed with its key, looks at every part of it, and
 * gives a token for an hour.
 */

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const AUDIENCE = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const LONGEST = 3_600; // s that an assertion may be good for
const SKEW = 300;

/** One pair for all accounts of a process: making one takes long. */
let pair: { readonly publicKey: KeyObject; readonly privateKey: string } | undefined;

function keys(): NonNullable<typeof pair> {
  if (pair === undefined) {
    const made = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const privateKey = String(made.privateKey.export({ type: "pkcs8", format: "pem" }));
    pair = { publicKey: made.publicKey, privateKey };
  }
  return pair;
}

/** The JSON of an account's key, as the console hands it out. */
export function keyOf(email: string, tokens: string): string {
  return JSON.stringify({
    type: "service_account",
    project_id: "acme-shop",
    private_key_id: randomUUID().replaceAll("-", ""),
    private_key: keys().privateKey,
    client_email: email,
    client_id: "104857600104857600104",
    auth_uri: "https://accounts.google.com/o/oauth2/auth",
    token_uri: tokens,
    universe_domain: "googleapis.com",
  });
}

export type Given = { readonly email: string; readonly until: number };

/** `accounts`: who has a key; `given`: the tokens that were given, by which the APIs know them. */
export function grant(call: Call, accounts: ReadonlySet<string>, given: Map<string, Given>): Reply {
  if (call.method !== "POST" || call.url.pathname !== "/token") return { status: 404, body: {} };
  const form = new URLSearchParams(call.body);
  if (form.get("grant_type") !== GRANT) return wrong("unsupported_grant_type", "Invalid grant_type.");
  const claims = claimsOf(form.get("assertion") ?? "");
  if (claims === null) return wrong("invalid_grant", "Invalid JWT Signature.");
  const { iss = "", scope, aud, iat = 0, exp = 0 } = claims;
  const now = Date.now() / 1_000;
  if (!accounts.has(iss)) return wrong("invalid_grant", "Invalid grant: account not found");
  if (aud !== AUDIENCE) return wrong("invalid_grant", "Invalid JWT: Failed audience check.");
  if (iat > now + SKEW || exp < now || exp - iat > LONGEST)
    return wrong("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes).");
  if (scope !== SCOPE) return wrong("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
  const token = `ya29.${randomUUID().replaceAll("-", "")}`;
  given.set(token, { email: iss, until: Date.now() + LONGEST * 1_000 });
  return { status: 200, body: { access_token: token, expires_in: LONGEST - 1, token_type: "Bearer" } };
}

type Claims = { iss?: string; scope?: string; aud?: string; iat?: number; exp?: number };

/** Null where it is not signed with the key. */
function claimsOf(assertion: string): Claims | null {
  const [head = "", claims = "", signature = ""] = assertion.split(".");
  const verify = createVerify("RSA-SHA256").update(`${head}.${claims}`);
  if (!verify.verify(keys().publicKey, Buffer.from(signature, "base64url"))) return null;
  const { alg } = JSON.parse(String(Buffer.from(head, "base64url"))) as { alg?: string };
  return alg === "RS256" ? (JSON.parse(String(Buffer.from(claims, "base64url"))) as Claims) : null;
}

function wrong(error: string, description: string): Reply {
  return { status: 400, body: { error, error_description: description } };
}
