import { isIP } from "node:net";
import { z } from "zod";
import { networkProblem } from "../checks/network-problem.ts";
import { addressesOf } from "../checks/reach.ts";
import { parseAddress, servedCertificate, type ServedCertificate } from "../checks/served-certificate.ts";
import { Unavailable } from "../errors.ts";
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

/**
 * Looks at every address behind each place; those that cannot be reached from here count only where there are no others.
 * `pending`, with what is served instead, where any serves another one. @throws Unavailable where one does not answer
 */
export async function serves(places: readonly Place[], serial: string, signal: AbortSignal): Promise<Verdict> {
  const behind = (await Promise.all(places.map(behindOf))).flat();
  const looks = await Promise.all(behind.map((each) => lookInARow(each, serial, signal).catch(unanswered)));
  const seen = looks.flatMap((each) => (each instanceof Unavailable ? [] : [each]));
  const unseen = looks.flatMap((each) => (each instanceof Unavailable ? [each] : []));
  const grave = unseen.find((each) => seen.length === 0 || !isOurs(each));
  if (grave !== undefined) throw grave;
  const [instead] = seen.flatMap((each) => each.instead ?? []);
  if (instead !== undefined) return { kind: "pending", seen: instead };
  const until = seen[0]?.served.notAfter.toISOString().slice(0, 10) ?? "";
  const where = places.map(({ address }) => address).join(" and ");
  return { kind: "holds", seen: `serial ${serial} served ${IN_A_ROW} times in a row at ${where}, until ${until}` };
}

function unanswered(error: unknown): Unavailable {
  if (error instanceof Unavailable) return error;
  throw error;
}

function isOurs(error: Unavailable): boolean {
  return networkProblem(error)?.ours ?? false;
}

async function behindOf({ address, ...more }: Place): Promise<Place[]> {
  const { host, port } = parseAddress(address) ?? { host: address, port: 443 };
  try {
    const found = await addressesOf(host, port, null);
    return found.map((ip) => ({ ...more, address: `${isIP(ip) === 6 ? `[${ip}]` : ip}:${port}` }));
  } catch (error) {
    throw new Unavailable(`${address} does not answer: ${networkProblem(error)?.words ?? "its name leads nowhere"}.`, {
      cause: error,
    });
  }
}

/** `instead`: what is served there and not that one, in words; then it looks no further. */
type Look = { readonly served: ServedCertificate; readonly instead: string | null };

async function lookInARow({ address, servername, ca }: Place, serial: string, signal: AbortSignal): Promise<Look> {
  for (let looks = 1; ; looks += 1) {
    const served = await servedCertificate(address, servername, { ca, signal });
    if (served.serial !== serial)
      return { served, instead: `${address} serves serial ${served.serial}, and not ${serial} yet` };
    if (ca !== undefined && served.problem !== undefined)
      return { served, instead: `${address} serves serial ${serial}, and ${served.problem}` };
    if (looks === IN_A_ROW) return { served, instead: null };
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
  }
}

/** What clients ask for at an address: its host, or another name where that is a number. */
export function askedAt(address: string, otherwise: string): string {
  const host = parseAddress(address)?.host ?? address;
  return isIP(host) === 0 ? host : otherwise;
}
