import { randomUUID } from "node:crypto";

/** Automated certificate management: domains, and how far the certificate of each is. */

export type Domain = {
  readonly id: string;
  readonly hostname: string;
  readonly kind: "custom" | "heroku";
  acm_status: string | null;
  acm_status_reason: string | null;
  updated_at: string;
};

export type Acm = {
  readonly domains: Domain[];
  /** What was issued for them; what is issued next comes from `leaves`, as PEM. */
  endpoints: object[];
  readonly leaves: string[];
  /** Why the issuer grants nothing. */
  refusal: string | null;
};

const STAGES = ["in-progress", "verified", "dns-verified"];

/** Those that failed are looked at once more. */
export function refresh({ domains }: Acm, now: string): void {
  for (const each of domains.filter(({ acm_status: status }) => status === "failed"))
    Object.assign(each, { acm_status: STAGES[0], acm_status_reason: null, updated_at: now });
}

/** One moment of the issuer: what is under way goes on to the next stage, and behind the last it is granted or has failed. */
export function stepAcm(acm: Acm, now: string): void {
  for (const each of acm.domains) {
    const stage = STAGES.indexOf(each.acm_status ?? "");
    if (stage === -1) continue;
    const next = STAGES[stage + 1];
    if (next !== undefined) Object.assign(each, { acm_status: next, updated_at: now });
    else if (acm.refusal === null) issue(acm, each, now);
    else Object.assign(each, { acm_status: "failed", acm_status_reason: acm.refusal, updated_at: now });
  }
}

function issue(acm: Acm, domain: Domain, now: string): void {
  Object.assign(domain, { acm_status: "cert issued", acm_status_reason: null, updated_at: now });
  const [certificate_chain = ""] = acm.leaves.splice(0, 1);
  const ssl_cert = { cert_domains: [domain.hostname], acm: true };
  acm.endpoints = [{ id: randomUUID(), certificate_chain, ssl_cert }];
}
