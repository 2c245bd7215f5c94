import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { z } from "zod";
import { formatDuration, share } from "../domain/measures.ts";
import type { Level, Reading } from "../domain/reading.ts";
import { Invalid, Unavailable } from "../errors.ts";
import { defineCheck, type Use } from "./check.ts";
import { networkProblem } from "./network-problem.ts";
import { parseAddress, servedCertificate, type ServedCertificate } from "./served-certificate.ts";

/** What clients are served at every address behind a name: how long it lasts, whether it fits the names, whether it is trusted. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** More addresses than a card can list say no more. */
const MOST_ADDRESSES = 10;

const place = z
  .string()
  .refine((address) => parseAddress(address) !== undefined, "Write an address like shop.example.com:443.");

const settings = z.strictObject({
  /** Several where a balancer hides the hosts behind it. */
  address: z.union([place, z.array(place).min(1)]),
  /** The name that clients ask for; the address's host unless given. */
  servername: z.string().min(1).optional(),
  /** PEM of the trust anchor, where it is not a public one. */
  ca: z.strictObject({ file: z.string().min(1) }).optional(),
  /** Further names that it must be valid for. */
  names: z.array(z.string().min(1)).default([]),
  /** Fractions of the lifetime: what is left below them is a warning, or critical. */
  warning: share.default(1 / 3),
  critical: share.default(1 / 6),
});
type Settings = z.infer<typeof settings>;

export const certificate = defineCheck<Settings>({
  name: "certificate",
  on: "address",
  responsibility: "certificates",
  settings,
  every: 5 * MINUTE,
  rule: { failures: 2, successes: 2 },
  async look(_subject, chosen, use) {
    const ca = chosen.ca && (await readTrust(chosen.ca.file));
    const places = Array.isArray(chosen.address) ? chosen.address : [chosen.address];
    return worst((await Promise.all(places.map((each) => seeAll(each, { chosen, ca, use })))).flat());
  },
});

type Look = { readonly chosen: Settings; readonly ca: string | undefined; readonly use: Use };

/** What was found at one address. */
type Sight = {
  readonly address: string;
  readonly level: Level;
  readonly words: string;
  readonly left: number;
  readonly line: string;
};

async function seeAll(place: string, look: Look): Promise<Sight[]> {
  const { host, port } = parseAddress(place) ?? { host: place, port: 443 };
  try {
    const found = await lookup(host, { all: true });
    const ips = [...new Set(found.map((each) => (isIP(each.address) === 6 ? `[${each.address}]` : each.address)))];
    return await Promise.all(ips.map((ip) => see(`${ip}:${port}`, look.chosen.servername ?? host, look)));
  } catch (error) {
    return [unseen(place, error)];
  }
}

async function see(address: string, servername: string, { chosen, ca, use }: Look): Promise<Sight> {
  try {
    const served = await servedCertificate(address, servername, { ca, signal: use.signal });
    const left = served.notAfter.getTime() - use.now.getTime();
    const until = served.notAfter.toISOString().replace("T", " ").slice(0, 16);
    const line = `until ${until} UTC, serial ${served.serial}, issued by ${served.issuer}`;
    return { address, left, line, ...judge(served, left, servername, chosen, use.now) };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return unseen(address, error.cause);
  }
}

/** @throws what it is given, when that is not about the network */
function unseen(address: string, error: unknown): Sight {
  const problem = networkProblem(error);
  if (problem === undefined) throw error;
  const level = problem.ours ? "unknown" : "critical";
  return { address, level, words: `no certificate: ${problem.words}`, left: Infinity, line: problem.words };
}

/** The gravest thing about one certificate. */
function judge(
  served: ServedCertificate,
  left: number,
  servername: string,
  chosen: Settings,
  now: Date,
): { readonly level: Level; readonly words: string } {
  const lifetime = served.notAfter.getTime() - served.notBefore.getTime();
  const expiry = `certificate expires in ${formatDuration(left)} (${inUnit(lifetime)} certificate)`;
  const missing = chosen.names.filter((name) => !served.covers(name));
  // In the order of what a client runs into first.
  const findings: readonly (readonly [boolean, Level, string])[] = [
    [left <= 0, "critical", `certificate expired ${formatDuration(left)} ago`],
    [
      served.notBefore > now,
      "critical",
      `certificate is not valid before ${served.notBefore.toISOString().slice(0, 10)}`,
    ],
    [!served.covers(servername), "critical", `certificate is not valid for ${servername}`],
    [!served.authorized, "critical", `certificate is not trusted: ${served.problem}`],
    [left < lifetime * chosen.critical || left < floor(lifetime), "critical", expiry],
    [missing.length > 0, "warning", `certificate is not valid for ${missing.join(", ")}`],
    [left < lifetime * chosen.warning, "warning", expiry],
  ];
  const [, level, words] = findings.find(([holds]) => holds) ?? [true, "ok", expiry];
  return { level, words };
}

function inUnit(lifetime: number): string {
  return lifetime < 2 * DAY ? `${Math.round(lifetime / HOUR)}-hour` : `${Math.round(lifetime / DAY)}-day`;
}

/** Under this much time, nobody should be asleep over it, whatever the fraction. */
function floor(lifetime: number): number {
  return lifetime < 10 * DAY ? 24 * HOUR : 72 * HOUR;
}

const GRAVITY: Readonly<Record<Level, number>> = { critical: 3, warning: 2, ok: 1, unknown: 0 };

/** Addresses that cannot be reached from here count only when there are no others. */
function worst(sights: readonly Sight[]): Reading {
  const [first] = sights.toSorted((a, b) => GRAVITY[b.level] - GRAVITY[a.level] || a.left - b.left);
  if (first === undefined) throw new Unavailable("The name has no address.");
  const left = Math.min(...sights.map((each) => each.left));
  const everywhere = sights.every((each) => each.words === first.words);
  return {
    level: first.level,
    ...(Number.isFinite(left) && { value: Math.floor(left / 1_000) }),
    summary: first.words + (everywhere ? "" : ` at ${first.address}`),
    evidence: Object.fromEntries(sights.slice(0, MOST_ADDRESSES).map((each) => [each.address, each.line])),
  };
}

async function readTrust(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Invalid(`The file of trusted issuers ${file} cannot be read.`, { cause: error });
  }
}
