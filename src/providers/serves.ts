import { isIP } from "node:net";
import { z } from "zod";
import { parseAddress, servedCertificate } from "../checks/served-certificate.ts";
import type { Verdict } from "./provider.ts";

/** Whether a certificate is served where it belongs: read off the wire until it stays. */

const one = z
  .string()
  .refine((address) => parseAddress(address) !== undefined, "Write an address like shop.example.com:443.")
  .meta({ pattern: String.raw`^\S+$` });
/** One or several addresses in a target's settings. */
export const servedAt = z
  .union([one, z.array(one).min(1)])
  .optional()
  .describe("Where it is served, such as shop.example.com:443: there a renewal is seen to be one.");

export type Place = {
  /** "shop.example.com:443" */
  readonly address: string;
  /** The name that clients ask for there. */
  readonly servername: string;
  /** PEM of the trust anchors; where they are given, its chain has to lead there. */
  readonly ca?: string | undefined;
};

const IN_A_ROW = 20; // looks that must agree: a server that reloads, or one of several, shows the old one for a moment
const BETWEEN = 100; // ms

/** `pending`, with what is served instead, at the first look that finds another one. @throws Unavailable where nobody answers */
export async function serves(places: readonly Place[], serial: string, signal: AbortSignal): Promise<Verdict> {
  let until = "";
  for (const { address, servername, ca } of places) {
    for (let looks = 0; looks < IN_A_ROW; looks += 1) {
      if (looks > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN));
      const served = await servedCertificate(address, servername, { ca, signal });
      const problem = ca === undefined ? undefined : served.problem;
      if (served.serial !== serial) return pending(`${address} serves serial ${served.serial}, and not ${serial} yet`);
      if (problem !== undefined) return pending(`${address} serves serial ${serial}, and ${problem}`);
      until = served.notAfter.toISOString().slice(0, 10);
    }
  }
  const where = places.map(({ address }) => address).join(" and ");
  return { kind: "holds", seen: `serial ${serial} served ${IN_A_ROW} times in a row at ${where}, until ${until}` };
}

function pending(seen: string): Verdict {
  return { kind: "pending", seen };
}

/** What clients ask for at an address: its host, or another name where that is a number. */
export function askedAt(address: string, otherwise: string): string {
  const host = parseAddress(address)?.host ?? address;
  return isIP(host) === 0 ? host : otherwise;
}
