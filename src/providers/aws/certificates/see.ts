import { z } from "zod";
import { look, type CertificatePlace } from "../api.ts";
import { certificates } from "../client.ts";

/** What ACM says of a certificate, and of what it waits for. */

const validation = z.object({
  DomainName: z.string(),
  /** PENDING_VALIDATION, SUCCESS or FAILED. */
  ValidationStatus: z.string().optional(),
  /** DNS, EMAIL or HTTP. */
  ValidationMethod: z.string().optional(),
  ResourceRecord: z.object({ Name: z.string(), Type: z.string(), Value: z.string() }).optional(),
  ValidationEmails: z.array(z.string()).default([]),
  HttpRedirect: z.object({ RedirectFrom: z.string().optional(), RedirectTo: z.string().optional() }).optional(),
});
type Validation = z.infer<typeof validation>;

const certificate = z.object({
  DomainName: z.string().default(""),
  SubjectAlternativeNames: z.array(z.string()).default([]),
  Status: z.string(),
  /** IMPORTED, AMAZON_ISSUED or PRIVATE. */
  Type: z.string().default("AMAZON_ISSUED"),
  Serial: z.string().optional(),
  NotBefore: z.date().optional(),
  NotAfter: z.date().optional(),
  InUseBy: z.array(z.string()).default([]),
  FailureReason: z.string().optional(),
  RenewalEligibility: z.string().optional(),
  DomainValidationOptions: z.array(validation).default([]),
  RenewalSummary: z
    .object({
      /** PENDING_AUTO_RENEWAL, PENDING_VALIDATION, SUCCESS or FAILED. */
      RenewalStatus: z.string(),
      RenewalStatusReason: z.string().optional(),
      DomainValidationOptions: z.array(validation).default([]),
    })
    .optional(),
});
export type Certificate = z.infer<typeof certificate>;

/** @throws Unavailable | Invalid */
export async function certificateOf(where: CertificatePlace, signal: AbortSignal): Promise<Certificate> {
  const asked = certificates((api) => api.describeCertificate({ CertificateArn: where.certificate }));
  return (await look(where, asked, z.object({ Certificate: certificate }), signal)).Certificate;
}

/** How its renewal stands; null where none was begun, or the last one is done. */
export function renewalOf({ RenewalSummary }: Certificate): string | null {
  const status = RenewalSummary?.RenewalStatus ?? "SUCCESS";
  return status === "SUCCESS" ? null : status;
}

/**
 * What ACM waits for, each in plain words: "shop.example.com: the record _a1.shop.example.com CNAME _b2.acm-validations.aws
 * is not there". None where it waits for nothing.
 */
export function blocksOf(own: Certificate): string[] {
  const isRenewing = own.RenewalSummary !== undefined && renewalOf(own) !== null;
  const waits = isRenewing ? (own.RenewalSummary?.DomainValidationOptions ?? []) : own.DomainValidationOptions;
  if (!isRenewing && own.Status === "ISSUED") return [];
  const open = waits.filter(({ ValidationStatus }) => ValidationStatus !== "SUCCESS");
  return [...new Set(open.map((each) => wordsOf(each, own)))];
}

function wordsOf({ DomainName, ...rest }: Validation, own: Certificate): string {
  // What is said of a renewal may leave out what was said when it was asked for.
  const first = own.DomainValidationOptions.find((each) => each.DomainName === DomainName);
  const record = rest.ResourceRecord ?? first?.ResourceRecord;
  const { RedirectFrom, RedirectTo } = rest.HttpRedirect ?? first?.HttpRedirect ?? {};
  const mails = rest.ValidationEmails.length > 0 ? rest.ValidationEmails : (first?.ValidationEmails ?? []);
  const method = rest.ValidationMethod ?? first?.ValidationMethod;
  if (record !== undefined)
    return `${DomainName}: the DNS record ${withoutDot(record.Name)} ${record.Type} ${withoutDot(record.Value)} is not seen`;
  if (RedirectFrom !== undefined) return `${DomainName}: ${RedirectFrom} does not lead to ${RedirectTo ?? "its proof"}`;
  if (method === "EMAIL")
    return `${DomainName}: nobody has followed the link that was mailed to ${mails.join(", ") || "its owners"}`;
  return `${DomainName}: it was not shown who owns it`;
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, "");
}

/** Why ACM gave up, where it is not what it waits for. */
const REASONS: Readonly<Record<string, string>> = {
  NO_AVAILABLE_CONTACTS: "no mail address of its owners is known",
  ADDITIONAL_VERIFICATION_REQUIRED: "AWS Support has to be asked about this domain",
  DOMAIN_NOT_ALLOWED: "AWS does not issue certificates for this domain",
  INVALID_PUBLIC_DOMAIN: "there is no such public domain",
  DOMAIN_VALIDATION_DENIED: "its owners refused it",
  CAA_ERROR: "a CAA record of the domain does not allow Amazon to issue it",
  PCA_ACCESS_DENIED: "the private CA does not allow ACM to issue it",
};

export function reasonOf({ FailureReason, RenewalSummary }: Certificate): string | null {
  const code = RenewalSummary?.RenewalStatusReason ?? FailureReason;
  return code === undefined ? null : (REASONS[code] ?? `ACM says ${code}`);
}
