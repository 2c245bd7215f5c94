import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isPublic } from "./public-address.ts";

/** How far a look may reach: whoever writes the catalog's file may name any address, whoever adds one in Slack only public ones. */

export type Reach = {
  readonly allowsAddress: (ip: string) => boolean;
  readonly allowsPort: (port: number) => boolean;
  /** Every address behind a name. */
  readonly lookup: (name: string) => Promise<readonly string[]>;
};

export const PUBLIC_ONLY: Reach = {
  allowsAddress: isPublic,
  allowsPort: (port) => port === 80 || port === 443,
  lookup: everyAddress,
};

/** A look would have gone where it may not. `networkProblem` has the words for each code. */
export class OutOfReach extends Error {
  override readonly name = "OutOfReach";

  readonly code: "OUT_OF_REACH_ADDRESS" | "OUT_OF_REACH_PORT" | "OUT_OF_REACH_REDIRECT";

  constructor(code: OutOfReach["code"], cause?: Error) {
    super(code, { cause });
    this.code = code;
  }
}

/**
 * The addresses behind a host, each of them allowed; null reaches anything. Whoever connects must connect to one of
 * these and never ask for the name again: the second answer may be another one.
 *
 * @throws OutOfReach; what the name service said
 */
export async function addressesOf(host: string, port: number, reach: Reach | null): Promise<readonly string[]> {
  if (reach === null) return everyAddress(host);
  if (!reach.allowsPort(port)) throw new OutOfReach("OUT_OF_REACH_PORT");
  const found = isIP(host) === 0 ? await reach.lookup(host) : [host];
  // One that is not allowed condemns them all: who mixes them wants the other one to be taken at times.
  if (!found.every((each) => reach.allowsAddress(each))) throw new OutOfReach("OUT_OF_REACH_ADDRESS");
  return found;
}

async function everyAddress(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return [...new Set(found.map((each) => each.address))];
}
