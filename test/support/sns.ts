import "reflect-metadata";
import { createSign, generateKeyPairSync, webcrypto } from "node:crypto";
import { X509CertificateGenerator } from "@peculiar/x509";
import { openSns, type Sns } from "../../src/alerts/sns.ts";

/** Amazon SNS for tests: messages that are signed as it signs them, and the addresses that it would be asked at. */
export type TestSns = {
  readonly sns: Sns;
  /** Addresses that were asked for. */
  readonly asked: string[];
  /** A message of this kind, signed; `over` is laid over it before, `after` once it was signed. */
  message(over?: Readonly<Record<string, string>>, after?: Readonly<Record<string, string>>): Record<string, string>;
};

const CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem";
export const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms";

const FIELDS = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

export async function openTestSns(now: () => Date): Promise<TestSns> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = await certificateOf(
    privateKey.export({ type: "pkcs8", format: "der" }),
    publicKey.export({ type: "spki", format: "der" }),
  );
  const asked: string[] = [];
  return {
    asked,
    sns: openSns((address) => {
      asked.push(address);
      return Promise.resolve(address === CERTIFICATE ? pem : "<ok/>");
    }),
    message(over = {}, after = {}) {
      const message: Record<string, string> = {
        Type: "Notification",
        MessageId: "1",
        TopicArn: TOPIC,
        Message: "{}",
        Timestamp: now().toISOString(),
        SignatureVersion: "2",
        SigningCertURL: CERTIFICATE,
        ...over,
      };
      const signed = FIELDS.filter((name) => message[name] !== undefined).map((name) => `${name}\n${message[name]}\n`);
      const signature = createSign(message["SignatureVersion"] === "1" ? "RSA-SHA1" : "RSA-SHA256").update(
        signed.join(""),
      );
      return { ...message, Signature: signature.sign(privateKey, "base64"), ...after };
    },
  };
}

async function certificateOf(privateDer: Buffer, publicDer: Buffer): Promise<string> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const { subtle } = webcrypto;
  const keys = {
    privateKey: await subtle.importKey("pkcs8", privateDer, algorithm, false, ["sign"]),
    publicKey: await subtle.importKey("spki", publicDer, algorithm, true, ["verify"]),
  };
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: "01",
      name: "CN=sns.amazonaws.com",
      notBefore: new Date("2020-01-01"),
      notAfter: new Date("2050-01-01"),
      signingAlgorithm: algorithm,
      keys,
    },
    webcrypto,
  );
  return certificate.toString("pem");
}
