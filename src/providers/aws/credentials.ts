import { z } from "zod";
import { canonical } from "../../domain/canonical.ts";
import { Expected, Invalid } from "../../errors.ts";
import { keepSecret } from "../../redaction.ts";
import type { Reference } from "../../domain/secret-reference.ts";
import { readSecret } from "../../secret.ts";
import { answerOf, sts, type Keys } from "./client.ts";
import { AWS } from "./words.ts";
import { bodyAs, goodAnswer } from "../http-json.ts";
import { withTimeout } from "../with-timeout.ts";

/** As whom AWS is asked: by what the target names, else as its own programs find it. */

export type Named = {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
  readonly role?: string | undefined;
  readonly access_key?: Reference | undefined;
  readonly secret_key?: Reference | undefined;
};

/** What the SDK's own chain found, by profile, and the session of each role: kept until shortly before they end. */
const chains = new Map<string, () => Promise<Keys>>();
const sessions = new Map<string, Keys>();

/** @throws Invalid when there are none, Unavailable when they are not had in time */
export async function keysOf(where: Named, signal: AbortSignal): Promise<Keys> {
  const own = await ownKeysOf(where, signal);
  const keys = where.role === undefined ? own : await sessionOf(where, { role: where.role, own, signal });
  keepSecret(keys.secretAccessKey);
  keepSecret(keys.sessionToken);
  return keys;
}

/** So that they are looked for anew. */
export function forgetKeys(where: Named): void {
  chains.delete(where.profile ?? "");
  sessions.delete(placeOf(where));
}

async function ownKeysOf({ access_key, secret_key, profile, region }: Named, signal: AbortSignal): Promise<Keys> {
  if (access_key !== undefined && secret_key !== undefined) {
    const [accessKeyId, secretAccessKey] = await Promise.all([readSecret(access_key), readSecret(secret_key)]);
    return { accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim() };
  }
  try {
    const chain = chains.get(profile ?? "") ?? (await chainOf(profile, region));
    chains.set(profile ?? "", chain);
    return await withTimeout(chain(), { what: "The credentials for AWS", signal });
  } catch (error) {
    if (error instanceof Expected) throw error;
    // What it says may quote a program or a file.
    throw new Invalid("The credentials for AWS could not be had.", {
      hint: `\`aws sts get-caller-identity${profile === undefined ? "" : ` --profile ${profile}`}\` says why.`,
    });
  }
}

/** Environment, files, single sign-on, programs, the container's or the machine's own role. */
async function chainOf(profile: string | undefined, region: string): Promise<() => Promise<Keys>> {
  const { STSClient } = await import("@aws-sdk/client-sts");
  // A file that was written anew is read anew.
  const config = { region, ignoreCache: true, ...(profile === undefined ? {} : { profile }) };
  return new STSClient(config).config.credentials;
}

function placeOf({ role, profile, access_key, endpoint, region }: Named): string {
  return canonical({ role, profile, access_key, endpoint, region });
}

const session = z.object({
  Credentials: z.object({
    AccessKeyId: z.string(),
    SecretAccessKey: z.string(),
    SessionToken: z.string(),
    Expiration: z.date(),
  }),
});
const BEFORE = 5 * 60_000; // ms before its end at which a session is not used any more

/** @throws Invalid when the role may not be assumed, Unavailable when AWS does not say */
async function sessionOf(
  where: Named,
  { role, own, signal }: { readonly role: string; readonly own: Keys; readonly signal: AbortSignal },
): Promise<Keys> {
  const place = placeOf(where);
  const kept = sessions.get(place);
  if (kept?.expiration !== undefined && kept.expiration.getTime() - new Date().getTime() > BEFORE) return kept;
  const { region, endpoint } = where;
  const assuming = answerOf(
    sts((api) => api.assumeRole({ RoleArn: role, RoleSessionName: "daytwo" })),
    { region, endpoint, keys: own, signal },
  );
  const { body } = await goodAnswer(assuming, AWS);
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken,
    Expiration,
  } = bodyAs(session, body, AWS).Credentials;
  const keys = { accessKeyId, secretAccessKey, sessionToken: SessionToken, expiration: Expiration };
  sessions.set(place, keys);
  return keys;
}
