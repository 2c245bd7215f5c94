import "reflect-metadata";
import { X509Certificate as ParsedCertificate, randomBytes, webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A development certificate authority, and the certificate that the shop's endpoint serves. */

export type Authority = {
  /** The root as PEM: what a client has to trust. */
  readonly rootFile: string;
  /** Signs a request whose own signature is right. @throws Error when it is not */
  sign(request: string, validity: Validity): Promise<string>;
};

export type Validity = { readonly notBefore: Date; readonly notAfter: Date };
export type Certificate = { readonly serial: string; readonly not_before: string; readonly not_after: string };

const KEYS = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { ...KEYS, hash: "SHA-256" } as const;
const DAY = 86_400_000;
export const LIFETIME = 45 * DAY;

export async function openAuthority(folder: string, now: number): Promise<Authority> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [rootFile, keyFile] = [join(folder, "root.pem"), join(folder, "root.key")];
  if (!existsSync(rootFile)) await makeRoot(rootFile, keyFile, now);
  const root = new X509Certificate(readFileSync(rootFile, "utf8"));
  const key = await readKey(keyFile);
  return {
    rootFile,
    async sign(pem, validity) {
      const request = new Pkcs10CertificateRequest(pem);
      if (!(await request.verify())) throw new Error("The request is not signed by its own key.");
      const names = request.extensions.find((extension) => extension instanceof SubjectAlternativeNameExtension);
      if (names === undefined) throw new Error("The request names no host.");
      const certificate = await X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: request.subject,
        issuer: root.subject,
        ...validity,
        publicKey: request.publicKey,
        signingKey: key,
        signingAlgorithm: SIGNING,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          names,
          await SubjectKeyIdentifierExtension.create(request.publicKey),
          await AuthorityKeyIdentifierExtension.create(root.publicKey),
        ],
      });
      return certificate.toString("pem");
    },
  };
}

/** Makes a new key, has its certificate signed, and puts both in place as one file, so that they can never be halves of two pairs. */
export async function renew(
  authority: Authority,
  name: string,
  pair: string,
  validity: Validity,
): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey(KEYS, true, ["sign", "verify"]);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: SIGNING,
    extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
  });
  const certificate = await authority.sign(request.toString("pem"), validity);
  writeFileSync(`${pair}.new`, `${await exportKey(keys.privateKey)}\n${certificate}\n`, { mode: 0o600, flush: true });
  renameSync(`${pair}.new`, pair);
  return describe(pair);
}

export function describe(pair: string): Certificate {
  const [certificate] =
    readFileSync(pair, "utf8").match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/) ?? [];
  const parsed = new ParsedCertificate(certificate ?? "");
  return {
    serial: parsed.serialNumber,
    not_before: parsed.validFromDate.toISOString(),
    not_after: parsed.validToDate.toISOString(),
  };
}

async function makeRoot(rootFile: string, keyFile: string, now: number): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(KEYS, true, ["sign", "verify"]);
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=Demo fleet development CA",
    notBefore: new Date(now - 100 * DAY),
    notAfter: new Date(now + 3_650 * DAY),
    keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  // The key first: a root whose key is lost could sign nothing.
  writeFileSync(keyFile, await exportKey(keys.privateKey), { mode: 0o600 });
  writeFileSync(rootFile, root.toString("pem"));
}

/** Positive and of full length in every notation. */
function serialNumber(): string {
  return `4${randomBytes(16).toString("hex").slice(1)}`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), PemConverter.PrivateKeyTag);
}

async function readKey(file: string): Promise<webcrypto.CryptoKey> {
  const [raw] = PemConverter.decode(readFileSync(file, "utf8"));
  if (raw === undefined) throw new Error(`${file} holds no key. Remove it and root.pem, then start again.`);
  return webcrypto.subtle.importKey("pkcs8", raw, KEYS, false, ["sign"]);
}
