import { onlyOf, Refusal } from "./refusal.ts";
import { ACCOUNT, REGION } from "./service.ts";

/** AWS Certificate Manager as its API reference has it: https://docs.aws.amazon.com/acm/latest/APIReference/ */

export type Acm = { readonly certificates: Map<string, Certificate> };

export type Certificate = {
  readonly domain: string;
  status: string;
  type: string;
  method: "DNS" | "EMAIL" | "HTTP";
  endsAt: Date;
  isUsed: boolean;
  /** Of the renewal that was begun last; null where none was. */
  renewal: { readonly status: string; readonly reason?: string } | null;
  reason?: string;
};

export function arnOf(domain: string): string {
  return `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/${domain.replaceAll(".", "-")}`;
}

type Input = Readonly<Record<string, unknown>>;

export const ACM: Readonly<Record<string, (acm: Acm, input: Input) => object>> = {
  DescribeCertificate({ certificates }, input) {
    onlyOf(input, { CertificateArn: "string" });
    const arn = String(input["CertificateArn"]);
    const found = certificates.get(arn);
    if (found === undefined)
      throw new Refusal(400, "ResourceNotFoundException", `Could not find certificate ${arn} in account ${ACCOUNT}.`);
    return { Certificate: { CertificateArn: arn, ...shown(found) } };
  },
};

const DAY = 86_400; // s

function shown(own: Certificate): object {
  const { domain, status, type, isUsed, endsAt, renewal, reason } = own;
  const isIssued = status !== "PENDING_VALIDATION" && status !== "FAILED" && status !== "VALIDATION_TIMED_OUT";
  const isImported = type === "IMPORTED";
  return {
    DomainName: domain,
    SubjectAlternativeNames: [domain, `www.${domain}`],
    Status: status,
    Type: type,
    ...(isIssued
      ? {
          Serial: "0a:1b:2c",
          NotBefore: endsAt.getTime() / 1_000 - 198 * DAY,
          NotAfter: endsAt.getTime() / 1_000,
        }
      : {}),
    InUseBy: isUsed ? [`arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/app/shop/50dc6c495c0c9188`] : [],
    RenewalEligibility: isUsed && !isImported ? "ELIGIBLE" : "INELIGIBLE",
    ...(reason === undefined ? {} : { FailureReason: reason }),
    ...(isImported ? {} : { DomainValidationOptions: validations(own, isIssued ? "SUCCESS" : "PENDING_VALIDATION") }),
    ...(renewal === null
      ? {}
      : {
          RenewalSummary: {
            RenewalStatus: renewal.status,
            ...(renewal.reason === undefined ? {} : { RenewalStatusReason: renewal.reason }),
            DomainValidationOptions: validations(own, renewal.status === "SUCCESS" ? "SUCCESS" : "PENDING_VALIDATION"),
            UpdatedAt: 1_700_000_000,
          },
        }),
  };
}

/** Of the domain itself, and of its `www`, which was shown already. */
function validations({ domain, method }: Certificate, status: string): object[] {
  return [domain, `www.${domain}`].map((DomainName, at) => ({
    DomainName,
    ValidationDomain: DomainName,
    ValidationStatus: at === 0 ? status : "SUCCESS",
    ValidationMethod: method,
    ...(method === "DNS"
      ? { ResourceRecord: { Name: `_a7986.${DomainName}.`, Type: "CNAME", Value: "_f2d3c.acm-validations.aws." } }
      : {}),
    ...(method === "EMAIL" ? { ValidationEmails: [`admin@${domain}`] } : {}),
    ...(method === "HTTP"
      ? { HttpRedirect: { RedirectFrom: `http://${DomainName}/.well-known/x`, RedirectTo: "https://validation.aws/x" } }
      : {}),
  }));
}
