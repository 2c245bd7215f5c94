import { createHash } from "node:crypto";
import { canonical } from "../../../domain/canonical.ts";
import type { Action } from "../../../domain/action.ts";
import type { Target } from "../../../domain/catalog.ts";
import type { Observation } from "../../../domain/observation.ts";
import { Invalid } from "../../../errors.ts";
import { certificatePlace } from "../api.ts";
import { certificates } from "../client.ts";
import type { Kind } from "../kind.ts";
import { examination } from "../rights.ts";
import { short } from "../words.ts";
import { told } from "../../facts.ts";
import { some } from "../../../domain/some.ts";
import { blocksOf, certificateOf, reasonOf, renewalOf, type Certificate } from "./see.ts";

/** Certificates of ACM: it renews them by itself, public ones never when it is asked. What it waits for is what can be told. */

const NOT_ASKED = "ACM renews it by itself; nothing is sent";

export const CERTIFICATE: Kind = {
  examine(target, signal) {
    const where = certificatePlace.parse(target.settings);
    const asked = certificates((api) => api.describeCertificate({ CertificateArn: where.certificate }));
    return examination(
      where,
      async (tries) => void (await tries("acm:DescribeCertificate", "seeing it", asked)),
      signal,
    );
  },
  async observe(target, signal) {
    return observation(target, await certificateOf(certificatePlace.parse(target.settings), signal), new Date());
  },
  plan({ action }, seen) {
    throw refusal(action, seen);
  },
  // Nothing is sent, and so nothing can come of it.
  apply: () => Promise.resolve({ kind: "refused", reason: NOT_ASKED }),
  verify: () => Promise.resolve({ kind: "differs", seen: NOT_ASKED }),
};

/** What is told of it, under these names; the answer to `renew-cert` goes by some of them. */
const FACT = {
  waits: "Waits for",
  reason: "Why not",
  renewal: "Renewal",
  until: "Valid until",
  names: "Names",
  used: "Used by",
} as const;

const SOON = 30 * 24 * 3_600_000; // ms before its end at which ACM has long begun to renew what it renews

function observation(target: Target, own: Certificate, now: Date): Observation {
  const { DomainName, Serial, NotBefore, NotAfter } = own;
  return {
    target: target.key,
    observedAt: now.toISOString(),
    version: createHash("sha256")
      .update(canonical({ status: own.Status, serial: Serial ?? null, renewal: renewalOf(own) }))
      .digest("hex")
      .slice(0, 16),
    ...healthOf(own, now),
    releases: [],
    sizes: [],
    certificates:
      Serial === undefined || NotBefore === undefined || NotAfter === undefined
        ? []
        : [
            {
              address: DomainName,
              servername: DomainName,
              serial: Serial,
              notBefore: NotBefore.toISOString(),
              notAfter: NotAfter.toISOString(),
            },
          ],
    facts: factsOf(own),
  };
}

type Health = Pick<Observation, "health" | "problem">;

const STATES: Readonly<Record<string, Health>> = {
  PENDING_VALIDATION: { health: "degraded", problem: "it is not issued: ACM waits to be shown who owns the domain" },
  VALIDATION_TIMED_OUT: { health: "down", problem: "it was not issued: nobody showed in time who owns the domain" },
  INACTIVE: { health: "down", problem: "it is not active" },
  EXPIRED: { health: "down", problem: "it has run out" },
  REVOKED: { health: "down", problem: "it was revoked" },
  FAILED: { health: "down", problem: "it was not issued" },
};

function healthOf(own: Certificate, now: Date): Health {
  const { Status, NotAfter, Type } = own;
  if (Status !== "ISSUED") return STATES[Status] ?? { health: "unknown", problem: `ACM calls it ${short(Status)}` };
  const left = NotAfter === undefined ? Infinity : NotAfter.getTime() - now.getTime();
  if (left <= 0) return { health: "down", problem: "it has run out" };
  if (renewalOf(own) === "FAILED") return { health: "degraded", problem: "ACM could not renew it" };
  if (renewalOf(own) === "PENDING_VALIDATION")
    return { health: "degraded", problem: "ACM cannot renew it before it is shown who owns the domain" };
  if (left > SOON || isRenewed(own)) return { health: "ok" };
  const why = Type === "IMPORTED" ? "imported" : "in use nowhere";
  return { health: "degraded", problem: `it ends within 30 days, and ACM does not renew what is ${why}` };
}

function isRenewed({ RenewalEligibility, Type }: Certificate): boolean {
  return RenewalEligibility === "ELIGIBLE" && Type !== "IMPORTED";
}

function factsOf(own: Certificate): Observation["facts"] {
  const blocks = blocksOf(own);
  const reason = reasonOf(own);
  return told([
    [FACT.waits, blocks.length === 0 ? undefined : some(blocks)],
    [FACT.reason, reason ?? undefined],
    [FACT.renewal, renewalWords(own)],
    [FACT.until, own.NotAfter?.toISOString().slice(0, 10)],
    [FACT.names, short(own.SubjectAlternativeNames.join(", "))],
    [FACT.used, own.InUseBy.length === 0 ? "nothing" : short(own.InUseBy.join(", "))],
  ]);
}

const RENEWALS: Readonly<Record<string, string>> = {
  PENDING_AUTO_RENEWAL: "ACM is at it",
  PENDING_VALIDATION: "ACM waits",
  FAILED: "ACM could not",
};

function renewalWords(own: Certificate): string {
  const status = renewalOf(own);
  if (status !== null) return RENEWALS[status] ?? status;
  if (own.Type === "IMPORTED") return "none: it was imported, and ACM renews no such ones";
  if (isRenewed(own)) return "by ACM itself, in time";
  return "none: ACM renews what another service of AWS uses, or what was exported";
}

/** What is said to whoever asks for anything: nothing is promised that ACM does not do when it is asked. */
function refusal(action: Action, { facts }: Observation): Invalid {
  if (action !== "renew-cert")
    return new Invalid(`A certificate of ACM has no ${action}.`, { hint: "There is renew-cert." });
  const { [FACT.waits]: waits, [FACT.reason]: reason, [FACT.renewal]: renewal = "" } = facts;
  const why = reason === undefined ? "" : ` It gave up: ${reason}.`;
  if (waits !== undefined)
    return new Invalid(`${NOT_ASKED}.${why} It waits for this: ${waits}.`, {
      hint: "Put that right; ACM looks again by itself, and the check `health` tells when it is renewed.",
    });
  return new Invalid(`${NOT_ASKED}.${why} Renewal: ${renewal}.`, {
    hint: renewal.startsWith("none")
      ? "Put a new certificate in its place."
      : "Nothing is to be done for now; the check `health` tells when something is.",
  });
}
