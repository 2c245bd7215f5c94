import { createHash, createHmac } from "node:crypto";
import type { Call } from "../json-server.ts";
import { Refusal } from "./refusal.ts";

/** Signature Version 4, made again from the request as it came: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */

export type Person = {
  /** "arn:aws:iam::123456789012:user/daytwo" */
  readonly arn: string;
  readonly secret: string;
  /** Of a session; each of its requests brings it, signed. */
  readonly token?: string;
  /** What they may do; null: everything. */
  readonly actions: readonly string[] | null;
};

export type Scope = { readonly person: Person; readonly region: string; readonly service: string };

const MINUTES = 5 * 60_000;

/** @throws Refusal */
export function signedBy(call: Call, people: ReadonlyMap<string, Person>): Scope {
  const { headers } = call;
  const [, id = "", day = "", region = "", service = "", names = "", signature = ""] =
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  if (signature === "") throw new Refusal(400, "IncompleteSignature", "The request is not signed as it should be.");
  const isQuery = headers["x-amz-target"] === undefined;
  const person = people.get(id);
  if (person === undefined)
    throw new Refusal(
      isQuery ? 403 : 400,
      isQuery ? "InvalidClientTokenId" : "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    );
  const signed = names.split(";");
  const needed = Object.keys(headers).filter((name) => name === "host" || name.startsWith("x-amz-"));
  const left = needed.filter((name) => !signed.includes(name));
  const canonical = canonicalOf(call, signed);
  const at = String(headers["x-amz-date"]);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", at, scope, hash(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<Buffer | string>(
    (before, part) => createHmac("sha256", before).update(part).digest(),
    `AWS4${person.secret}`,
  );
  const isOwn = createHmac("sha256", key).update(text).digest("hex") === signature;
  if (!isOwn || left.length > 0 || headers["x-amz-security-token"] !== person.token)
    throw new Refusal(
      isQuery ? 403 : 400,
      isQuery ? "SignatureDoesNotMatch" : "InvalidSignatureException",
      `The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been '${canonical}'`,
    );
  const sent = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!(Math.abs(Date.now() - sent) < MINUTES))
    throw new Refusal(400, "InvalidSignatureException", `Signature expired: ${at} is now earlier than it may be.`);
  return { person, region, service };
}

function canonicalOf({ method, url, headers, body }: Call, signed: readonly string[]): string {
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join("&");
  const lines = signed.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, " ")}\n`).join("");
  return [method, url.pathname, query, lines, signed.join(";"), hash(body)].join("\n");
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
