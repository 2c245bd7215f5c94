import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import type { Verdict } from "../provider.ts";
import { askedAt, serves } from "../serves.ts";
import { settings, type Settings } from "./settings.ts";
import { failureOf, isIssuing, pathOfCertificate, saying, type Certificate, type Condition } from "./certificate.ts";
import type { Change } from "./patch.ts";
import { CERTIFICATE, OPERATION_CONDITION } from "./objects.ts";
import type { Drawn } from "../draw.ts";

/**
 * A certificate that is renewed: cert-manager is told to, as its own `cmctl renew` does it, and what it then issues is
 * looked for where it is served.
 */

export function addressesOf({ certificate }: Settings): readonly string[] {
  return [certificate?.address ?? []].flat();
}

/** @throws Invalid where it cannot be renewed, or not now */
export function drawRenewal(target: Target, seen: Observation): Drawn {
  const where = settings.parse(target.settings);
  const name = where.certificate?.name;
  if (name === undefined)
    throw new Invalid(`The catalog names no certificate of ${target.key}.`, {
      hint: `Write \`certificate: { name: … }\` into the target; \`kubectl get certificates -n ${where.namespace}\` lists them.`,
    });
  refuseFor(name, where, seen);
  const [issued] = seen.certificates;
  const addresses = addressesOf(where);
  const before =
    issued === undefined ? "none" : `serial ${issued.serial}, until ${issued.notAfter.slice(0, "2026-12-31".length)}`;
  return {
    arguments: {},
    risk: "low",
    title: `Renew the certificate ${name} of ${target.service}`,
    changes: { certificate: [before, "a new one"] },
    reasons: [
      addresses.length === 0
        ? "The catalog does not say where it is served: it is done when it is issued"
        : `It is done when the new one is served at ${addresses.join(" and ")}`,
      "Issuers count what they issue, and issue only so many in a week",
    ],
    stays: [
      "its names, its issuer and its Secret",
      "what runs: pods that read it only at their start keep the old one",
    ],
    takes: TAKES,
  };
}

const TAKES = 120_000; // ms; a proof by DNS takes minutes, and pods see a new Secret a minute later

function refuseFor(name: string, { namespace }: Settings, { facts }: Observation): void {
  const { unseen, issuing, failed, again } = CERTIFICATE;
  if (facts[unseen] !== undefined) throw new Invalid(`${name} cannot be renewed: ${facts[unseen]}.`);
  if (facts[issuing] !== undefined)
    throw new Invalid(`${name} is being issued already: ${facts[issuing]}.`, {
      hint: `\`kubectl describe certificate ${name} -n ${namespace}\` shows how far it is.`,
    });
  if (facts[again] !== undefined)
    throw new Invalid(
      `${name} could not be issued last time (${facts[failed]}); cert-manager waits, and tries again ${facts[again]}.`,
      { hint: `Once the cause is put right, \`cmctl renew ${name} -n ${namespace}\` does not wait for that.` },
    );
}

/** What `cmctl renew` writes, and whose operation it is, in one write. */
export function toRenew(where: Settings, { metadata, status }: Certificate, token: string, now: Date): Change {
  const lastTransitionTime = now.toISOString().replace(/\.\d+Z$/, "Z");
  const said = { status: "True", reason: "ManuallyTriggered", lastTransitionTime };
  const written: Condition[] = [
    {
      ...said,
      type: "Issuing",
      message: "Certificate re-issuance manually triggered",
      observedGeneration: metadata.generation,
    },
    { ...said, type: OPERATION_CONDITION, message: token },
  ];
  const others = status.conditions.filter(({ type }) => written.every((each) => each.type !== type));
  return {
    path: `${pathOfCertificate(where, metadata.name)}/status`,
    type: "application/merge-patch+json",
    body: { metadata: { resourceVersion: metadata.resourceVersion }, status: { conditions: [...others, ...written] } },
    expects: ({ status: answered }) => isIssuing(answered as Certificate["status"]),
  };
}

/** How far cert-manager is with what it was told: it takes the word away when it has issued. */
export async function renewed(where: Settings, found: Certificate, signal: AbortSignal): Promise<Verdict> {
  if (isIssuing(found.status)) return { kind: "pending", seen: found.waits };
  const failure = failureOf(found.status);
  if (failure !== null) return { kind: "failed", seen: `it could not be issued: ${failure}` };
  const { issued } = found;
  if (issued === null) return { kind: "pending", seen: "it is issued, and its serial is not to be seen yet" };
  const ready = saying(found.status, "Ready");
  if (ready?.status !== "True")
    return { kind: "pending", seen: `it is issued, and not ready: ${ready?.message ?? ""}` };
  const addresses = addressesOf(where);
  if (addresses.length === 0)
    return {
      kind: "holds",
      seen: `serial ${issued.serial} issued, until ${issued.notAfter.toISOString().slice(0, 10)}`,
    };
  const [name = ""] = found.spec.dnsNames;
  const places = addresses.map((address) => ({ address, servername: askedAt(address, name) }));
  return serves(places, issued.serial, signal);
}
