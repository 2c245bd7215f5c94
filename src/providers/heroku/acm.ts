import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { list, pathOf, type Settings } from "./api.ts";

/** What Heroku's automated certificate management (ACM) says of the domains of an app, and what it has issued for them. */

export const domain = z.object({
  hostname: z.string().nullable(),
  kind: z.string(),
  acm_status: z.string().nullish(),
  acm_status_reason: z.string().nullish(),
  updated_at: z.string(),
});
export type Domain = z.infer<typeof domain>;

const endpoint = z.object({
  certificate_chain: z.string().nullish(),
  ssl_cert: z.object({ cert_domains: z.array(z.string()).default([]), acm: z.boolean().default(false) }),
});

export type Acm = {
  /** Those that somebody added. */
  readonly domains: readonly Domain[];
  readonly issued: readonly Issued[];
};
export type Issued = { readonly serial: string; readonly names: readonly string[] };

/** @throws Unavailable | Invalid */
export async function acmOf(where: Settings, signal: AbortSignal): Promise<Acm> {
  const [domains, endpoints] = await Promise.all([
    list(where, pathOf(where, "/domains"), domain, signal),
    list(where, pathOf(where, "/sni-endpoints"), endpoint, signal),
  ]);
  return {
    domains: domains.items.filter(isCustom),
    issued: endpoints.items
      .filter(({ ssl_cert: { acm } }) => acm)
      .flatMap(({ certificate_chain: chain, ssl_cert: { cert_domains: names } }) => {
        const serial = serialOf(chain ?? "");
        return serial === null ? [] : [{ serial, names }];
      }),
  };
}

export function isCustom({ kind }: Pick<Domain, "kind">): boolean {
  return kind === "custom";
}

function serialOf(chain: string): string | null {
  try {
    return new X509Certificate(chain).serialNumber;
  } catch {
    return null;
  }
}

/** Both words are Heroku's, of one and the same. */
export function isIssued({ acm_status: status }: Domain): boolean {
  return status === "ok" || status === "cert issued";
}

/** After so many attempts Heroku makes no other one by itself. */
export function hasFailed({ acm_status: status }: Domain): boolean {
  return status === "failed";
}

/** Whether something stands in the way. */
export function isBlocked(of: Domain): boolean {
  return hasFailed(of) || of.acm_status === "failing";
}

const GAVE_UP = "failed, and is not tried again by itself";
const WORDS: Readonly<Record<string, string>> = {
  failed: GAVE_UP,
  failing: "fails, and is tried again",
  verified: "under way",
  "in-progress": "under way",
  "dns-verified": "under way: its DNS is in order, and the issuer is asked",
};

/**
 * "failed, and is not tried again by itself: CDN not returning HTTP challenge (2026-11-30 10:02:11 UTC)". With the moment only
 * then: another attempt gives another one, and while Heroku tries by itself it may change at any time.
 */
export function stateOf(of: Domain): string {
  const { acm_status: status, acm_status_reason: why, updated_at: at } = of;
  const words = isIssued(of) ? "issued" : (WORDS[status ?? ""] ?? "waiting");
  const reason = (why ?? "") === "" ? "" : `: ${why}`;
  const since = hasFailed(of) ? ` (${at.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC")})` : "";
  return `${words}${reason}${since}`;
}

/** Whether that is the state of one that another attempt may help. */
export function saysFailed(state: string): boolean {
  return state.startsWith(GAVE_UP);
}
