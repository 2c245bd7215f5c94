import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileProblem } from "../file-problem.ts";
import type { ServedCertificate } from "./served-certificate.ts";

/** The certificate that lies where renewals put it, which need not be the one that is served. */

export type StoredCertificate = Pick<ServedCertificate, "serial" | "notBefore" | "notAfter">;
/** `problem` is why there is none, in plain words. */
export type Stored = StoredCertificate | { readonly problem: string };

/** The first one of a PEM file, as the chain begins with it. */
export async function storedCertificate(file: string): Promise<Stored> {
  try {
    const { serialNumber, validFromDate, validToDate } = new X509Certificate(await readFile(file));
    return { serial: serialNumber, notBefore: validFromDate, notAfter: validToDate };
  } catch (error) {
    return { problem: fileProblem(error) ?? "it holds no certificate" };
  }
}

/** Whether the stored one came after the served one: a renewal that ends later, or as late with other names or key. */
export function isNewer(stored: StoredCertificate, served: ServedCertificate): boolean {
  if (stored.serial === served.serial) return false;
  const later = stored.notAfter.getTime() - served.notAfter.getTime();
  return later > 0 || (later === 0 && stored.notBefore > served.notBefore);
}
