import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { isServed, listAll, look, sight } from "./api.ts";
import type { Settings } from "./settings.ts";
import { metadata, OPERATION_CONDITION, short } from "./objects.ts";

/** What cert-manager has of a target's certificate: the Certificate, and its requests to an issuer. Its Secret is never read. */

const GROUP = "/apis/cert-manager.io/v1";

/** Whole: all of them are sent back when one is changed. */
const condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});
export type Condition = z.infer<typeof condition>;
const conditions = z.array(condition).default([]);

const certificate = z.object({
  metadata,
  spec: z.object({ dnsNames: z.array(z.string()).default([]), issuerRef: z.object({ name: z.string() }) }),
  status: z
    .object({
      conditions,
      revision: z.number().default(0),
      lastFailureTime: z.string().nullish(),
      failedIssuanceAttempts: z.number().nullish(),
    })
    .prefault({}),
});
const request = z.object({
  metadata,
  status: z.object({ conditions, certificate: z.string().nullish() }).prefault({}),
});
type Request = z.infer<typeof request>;
const challenge = z.object({
  spec: z.object({ dnsName: z.string() }),
  status: z.object({ state: z.string().default(""), reason: z.string().default("") }).prefault({}),
});

export type Certificate = z.infer<typeof certificate> & {
  /** What was issued last; null where nothing was, or its request is gone. */
  readonly issued: Issued | null;
  /** What its next request waits for, in words. */
  readonly waits: string;
};
export type Issued = { readonly serial: string; readonly notBefore: Date; readonly notAfter: Date };
export function pathOfCertificate({ namespace }: Settings, name: string): string {
  return `${GROUP}/namespaces/${namespace}/certificates/${name}`;
}

/** Null where the catalog names none. @throws Unavailable | Invalid where it cannot be seen */
export async function certificateOf(where: Settings, signal: AbortSignal): Promise<Certificate | null> {
  if (where.certificate === undefined) return null;
  const { name } = where.certificate;
  try {
    const found = await look(where, { path: pathOfCertificate(where, name) }, certificate, signal);
    const path = `${GROUP}/namespaces/${where.namespace}/certificaterequests`;
    const own = (await listAll(where, { path }, request, signal)).filter((each) =>
      each.metadata.ownerReferences.some(({ uid }) => uid === found.metadata.uid),
    );
    const { revision } = found.status;
    const next = isIssuing(found.status) ? requestOf(own, revision + 1) : undefined;
    const waits = isIssuing(found.status) ? await waitsFor(where, found.spec.dnsNames, next, signal) : "";
    return { ...found, issued: issuedBy(requestOf(own, revision)), waits };
  } catch (error) {
    if (!(error instanceof Invalid) || (await isServed(where, GROUP, signal))) throw error;
    throw new Invalid("cert-manager is not installed in this cluster.", { cause: error });
  }
}

function requestOf(own: readonly Request[], revision: number): Request | undefined {
  return own.find(({ metadata: { annotations } }) => annotations[REVISION] === String(revision));
}

const REVISION = "cert-manager.io/certificate-revision";

function issuedBy(from: Request | undefined): Issued | null {
  const encoded = from?.status.certificate;
  if (typeof encoded !== "string" || encoded === "") return null;
  try {
    const { serialNumber, validFrom, validTo } = new X509Certificate(Buffer.from(encoded, "base64"));
    return { serial: serialNumber, notBefore: new Date(validFrom), notAfter: new Date(validTo) };
  } catch {
    return null;
  }
}

/** Whatever is nearest to why it takes so long: what a challenge complains of, else what its request says. */
async function waitsFor(
  where: Settings,
  names: readonly string[],
  next: Request | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (next === undefined) return "cert-manager has not asked its issuer yet";
  const path = `/apis/acme.cert-manager.io/v1/namespaces/${where.namespace}/challenges`;
  const stuck = (await sight(listAll(where, { path }, challenge, signal))).find(
    ({ spec, status }) => names.includes(spec.dnsName) && status.reason !== "",
  );
  if (stuck !== undefined) return `the proof for ${stuck.spec.dnsName} is awaited: ${short(stuck.status.reason)}`;
  if (saying(next.status, "Approved")?.status !== "True") return "nobody has approved the request to its issuer yet";
  return `the issuer is at it: ${short(saying(next.status, "Ready")?.message ?? "no word of it yet")}`;
}

/** Of a Certificate or a request, by its status. */
type Status = { readonly conditions: readonly Condition[] };

export function saying({ conditions: said }: Status, type: string): Condition | undefined {
  return said.find((each) => each.type === type);
}

export function isIssuing(status: Status): boolean {
  return saying(status, "Issuing")?.status === "True";
}

/** What its last issuance failed of; null where it did not. */
export function failureOf(status: Status): string | null {
  const said = saying(status, "Issuing");
  return said?.status === "False" ? short(said.message ?? said.reason ?? "it does not say why") : null;
}

const HOUR = 3_600_000;
const LONGEST = 32; // hours

/** When cert-manager tries by itself again after a failure: each time twice as long after it. Null where nothing failed. */
export function triesAgain({
  lastFailureTime,
  failedIssuanceAttempts,
}: Pick<Certificate["status"], "lastFailureTime" | "failedIssuanceAttempts">): Date | null {
  if (typeof lastFailureTime !== "string") return null;
  const hours = Math.min(LONGEST, 2 ** ((failedIssuanceAttempts ?? 1) - 1));
  return new Date(Date.parse(lastFailureTime) + hours * HOUR);
}

/** The token of the operation that last had it renewed. */
export function renewedBy(status: Status): string | undefined {
  return saying(status, OPERATION_CONDITION)?.message;
}
