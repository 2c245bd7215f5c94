import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ServedCertificate } from "./served-certificate.ts";

/** The certificate that lies where renewals put it, which need not be the one that is served. */

export type StoredCertificate = Pick<ServedCertificate, "serial" | "notBefore" | "notAfter">;
/** `problem` is why there is none, in plain words. */
export type Stored = StoredCertificate | { readonly problem: string };

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "we may not read it",
  EPERM: "we may not read it",
};

/** The first one of a PEM file, as the chain begins with it. */
export async function storedCertificate(file: string): Promise<Stored> {
  try {
    const { serialNumber, validFromDate, validToDate } = new X509Certificate(await readFile(file));
    return { serial: serialNumber, notBefore: validFromDate, notAfter: validToDate };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return { problem: PROBLEMS[code] ?? "it holds no certificate" };
  }
}

/** Whether the stored one came after the served one: a renewal that ends later, or as late with other names or key. */
export function isNewer(stored: StoredCertificate, served: ServedCertificate): boolean {
  if (stored.serial === served.serial) return false;
  const later = stored.notAfter.getTime() - served.notAfter.getTime();
  return later > 0 || (later === 0 && stored.notBefore > served.notBefore);
}
