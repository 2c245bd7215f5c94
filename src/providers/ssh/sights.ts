import { parseAddress, servedCertificate } from "../../checks/served-certificate.ts";
import type { Certificate as Served, Observation } from "../../domain/observation.ts";
import { Unavailable } from "../../errors.ts";
import type { Place } from "../serves.ts";
import type { Certificate } from "./certificate.ts";

/** The certificate that is served at each address, as one look from here shows it. */

export function addressesOf(certificate: Certificate | undefined): readonly string[] {
  return [certificate?.address ?? []].flat();
}

export function placeOf(address: string): Place {
  return { address, servername: parseAddress(address)?.host ?? address };
}

/** @throws Unavailable where none can be seen */
export async function servedAtPlace(address: string, signal: AbortSignal): Promise<Served> {
  const place = placeOf(address);
  try {
    const { serial, notBefore, notAfter } = await servedCertificate(address, place.servername, { signal });
    return { ...place, serial, notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() };
  } catch (error) {
    if (signal.aborted) throw new Unavailable(`${address} did not answer in time.`, { cause: error });
    throw error;
  }
}

/** The label of the fact that it cannot be seen. */
export function unseenAt(address: string): string {
  return `Certificate at ${address}`;
}

function unavailable(error: unknown): Unavailable {
  if (error instanceof Unavailable) return error;
  throw error;
}

type Sights = Pick<Observation, "certificates"> & { readonly unseen: Observation["facts"] };

/** That one cannot be seen is a fact like others: whatever else is to be done there needs no certificate. */
export async function sights(certificate: Certificate | undefined, signal: AbortSignal): Promise<Sights> {
  const looks = await Promise.all(
    addressesOf(certificate).map(async (address) => ({
      address,
      found: await servedAtPlace(address, signal).catch(unavailable),
    })),
  );
  return {
    certificates: looks.flatMap(({ found }) => (found instanceof Unavailable ? [] : [found])),
    unseen: Object.fromEntries(
      looks.flatMap(({ address, found }) =>
        found instanceof Unavailable ? [[unseenAt(address), found.message.replace(/\.$/, "")]] : [],
      ),
    ),
  };
}
