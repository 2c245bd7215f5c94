import { createVerify, X509Certificate } from "node:crypto";
import type { SnsMessage } from "../alert-formats/cloudwatch.ts";
import { Denied, Unavailable } from "../errors.ts";

/**
 * Whether a message comes from Amazon SNS, and the confirmation of a subscription
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html).
 */
export type Sns = {
  /** @throws Denied when it is not SNS's own, Unavailable when that cannot be found out now */
  verify(message: SnsMessage, now: Date): Promise<void>;
  /** Says yes to a subscription that was verified. @throws Denied, Unavailable */
  confirm(message: SnsMessage): Promise<void>;
};

/** Fetches an address of SNS; tests have their own world. */
export type Get = (address: string) => Promise<string>;

const HOST = /^sns\.[a-z]{2,4}(?:-[a-z]+)+-\d\.amazonaws\.(?:com(?:\.cn)?|eu)$/;
const OLDEST = 24 * 3_600_000; // ms: SNS itself tries no longer
const MOST_KEPT = 16; // certificates

const ALGORITHMS = { "1": "RSA-SHA1", "2": "RSA-SHA256" } as const;

const SIGNED = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
  UnsubscribeConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
} as const;

export function openSns(get: Get = getText): Sns {
  const certificates = new Map<string, X509Certificate>();

  async function certificateAt(address: string, now: Date): Promise<X509Certificate> {
    const known = certificates.get(address);
    const certificate = known ?? parsed(await get(address));
    if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) {
      certificates.delete(address);
      throw new Denied("The certificate of this SNS message is not valid now.");
    }
    if (certificates.size >= MOST_KEPT) certificates.clear();
    certificates.set(address, certificate);
    return certificate;
  }

  return {
    async verify(message, now) {
      const address = snsAddress(message.SigningCertURL, "SigningCertURL");
      if (!address.pathname.endsWith(".pem")) throw notSns("SigningCertURL");
      const age = now.getTime() - new Date(message.Timestamp).getTime();
      if (!(age < OLDEST)) throw new Denied("This SNS message is too old, or does not say when it was sent.");
      const certificate = await certificateAt(address.href, now);
      const verifier = createVerify(ALGORITHMS[message.SignatureVersion]).update(signedText(message));
      if (!verifier.verify(certificate.publicKey, message.Signature, "base64"))
        throw new Denied("The signature of this SNS message is wrong.");
    },
    async confirm({ SubscribeURL: url }) {
      const address = snsAddress(url ?? "", "SubscribeURL");
      if (address.searchParams.get("Action") !== "ConfirmSubscription") throw notSns("SubscribeURL");
      await get(address.href);
    },
  };
}

/** Nothing else is ever fetched. */
function snsAddress(written: string, field: string): URL {
  const url = URL.canParse(written) ? new URL(written) : null;
  const isPlain = url !== null && url.username === "" && url.password === "" && url.port === "";
  if (url === null || !isPlain || url.protocol !== "https:" || !HOST.test(url.hostname)) throw notSns(field);
  return url;
}

function notSns(field: string): Denied {
  return new Denied(`\`${field}\` is not an address of Amazon SNS.`);
}

function parsed(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Unavailable("SNS gave no certificate.", { cause, hint: "Send it again later." });
  }
}

/** The lines that SNS signs: name and value of each field that is there, in this order. */
function signedText(message: SnsMessage): string {
  return SIGNED[message.Type]
    .flatMap((name) => {
      const value = message[name];
      return value === undefined || value === null ? [] : [`${name}\n${value}\n`];
    })
    .join("");
}

const PATIENCE = 5_000; // ms
const LONGEST = 64 * 1024; // characters

async function getText(address: string): Promise<string> {
  try {
    const answer = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
    return (await answer.text()).slice(0, LONGEST);
  } catch (cause) {
    throw new Unavailable("Amazon SNS could not be asked.", { cause, hint: "Send it again later." });
  }
}
