import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralName,
  type X509Certificate,
} from "@peculiar/x509";

/** Certificates of every kind, minted for a test: the openssl of the system cannot make expired ones. */

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export type Issuer = {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly pem: string;
};
export type Leaf = { readonly cert: string; readonly key: string };

/** A root, or with `parent` an intermediate. */
export async function mintIssuer(name: string, parent?: Issuer): Promise<Issuer> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serial(),
      subject: `CN=${name}`,
      issuer: parent?.certificate.subject ?? `CN=${name}`,
      notBefore: new Date("2020-01-01"),
      notAfter: new Date("2050-01-01"),
      publicKey: keys.publicKey,
      signingKey: (parent?.keys ?? keys).privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    webcrypto,
  );
  return { certificate, keys, pem: certificate.toString("pem") };
}

/** PEM of a certificate for servers and its key, or with `person` of one for whom that is; `chain` is sent after it. */
export async function mintLeaf(
  issuer: Issuer,
  wish: { names: readonly string[]; notBefore: Date; notAfter: Date; chain?: readonly Issuer[]; person?: string },
): Promise<Leaf> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const names = wish.names.map((value): JsonGeneralName => ({ type: /^[\d.]+$/.test(value) ? "ip" : "dns", value }));
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serial(),
      // Without a subject, as public issuers make them: whoever reads its common name reads nothing.
      subject: wish.person === undefined ? "" : `CN=${wish.person}`,
      issuer: issuer.certificate.subject,
      notBefore: wish.notBefore,
      notAfter: wish.notAfter,
      publicKey: keys.publicKey,
      signingKey: issuer.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        ...(wish.person === undefined ? [new SubjectAlternativeNameExtension(names, true)] : []),
        new ExtendedKeyUsageExtension([
          wish.person === undefined ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth,
        ]),
      ],
    },
    webcrypto,
  );
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  const key = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(pkcs8).toString("base64")}\n-----END PRIVATE KEY-----\n`;
  return { cert: [certificate.toString("pem"), ...(wish.chain ?? []).map((each) => each.pem)].join("\n"), key };
}

function serial(): string {
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(7))).toString("hex")}`;
}
