import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { z } from "zod";
import { formatDuration, minuteText, share } from "../domain/measures.ts";
import type { Level, Reading } from "../domain/reading.ts";
import { Invalid, Unavailable } from "../errors.ts";
import { defineCheck, type Use } from "./check.ts";
import { networkProblem } from "./network-problem.ts";
import { addressesOf } from "./reach.ts";
import { parseAddress, servedCertificate, type ServedCertificate } from "./served-certificate.ts";
import { isNewer, storedCertificate, type Stored } from "./stored-certificate.ts";

/** What clients are served at every address behind a name: how long it lasts, whether it fits the names, whether it is trusted. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** More addresses than a card can list say no more. */
const MOST_ADDRESSES = 10;

const place = z
  .string()
  .refine((address) => parseAddress(address) !== undefined, "Write an address like shop.example.com:443.")
  .meta({ pattern: String.raw`^\S+$` });

const file = z.strictObject({ file: z.string().min(1) });

const settings = z.strictObject({
  address: z
    .union([place, z.array(place).min(1)])
    .describe("Such as shop.example.com:443; several where a balancer hides the hosts behind it."),
  servername: z.string().min(1).optional().describe("The name that clients ask for; the address's host unless given."),
  ca: file.optional().describe("PEM of the trust anchor, where it is not a public one."),
  renewal: z
    .enum(["manual", "automatic"])
    .default("manual")
    .describe("Who renews it: where nobody has to, a renewal that did not come is what is told."),
  stored: file
    .optional()
    .describe(
      "PEM of the certificate, or its chain, where renewals put it: told when it is newer than the served one.",
    ),
  names: z.array(z.string().min(1)).default([]).describe("Further names that it must be valid for."),
  warning: share.default(1 / 3).describe("What is left of the lifetime below this fraction is a warning."),
  critical: share.default(1 / 6).describe("What is left of the lifetime below this fraction is critical."),
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
    const stored = chosen.stored && (await storedCertificate(chosen.stored.file));
    const places = Array.isArray(chosen.address) ? chosen.address : [chosen.address];
    const sights = await Promise.all(places.map((each) => seeAll(each, { chosen, ca, stored, use })));
    return beside(worst(sights.flat()), chosen.stored?.file, stored);
  },
});

type Look = {
  readonly chosen: Settings;
  readonly ca: string | undefined;
  readonly stored: Stored | undefined;
  readonly use: Use;
};

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
    const found = await addressesOf(host, port, look.use.reach);
    const ips = found.map((each) => (isIP(each) === 6 ? `[${each}]` : each));
    return await Promise.all(ips.map((ip) => see(`${ip}:${port}`, look.chosen.servername ?? host, look)));
  } catch (error) {
    return [unseen(place, error)];
  }
}

async function see(address: string, servername: string, look: Look): Promise<Sight> {
  try {
    const served = await servedCertificate(address, servername, { ca: look.ca, signal: look.use.signal });
    const left = served.notAfter.getTime() - look.use.now.getTime();
    const line = `${untilWhen(served)}, issued by ${served.issuer}`;
    return { address, left, line, ...judge(served, left, servername, look) };
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
  { chosen, stored, use: { now } }: Look,
): { readonly level: Level; readonly words: string } {
  const lifetime = served.notAfter.getTime() - served.notBefore.getTime();
  const expiry = `certificate expires in ${formatDuration(left)} (${inUnit(lifetime)} certificate)`;
  const renewed = stored !== undefined && "serial" in stored && isNewer(stored, served) ? stored : undefined;
  const late = chosen.renewal === "automatic" ? `renewal is late${nothingNewer(stored)}` : undefined;
  const unserved =
    renewed &&
    `renewed, not served: the stored one lasts ${formatDuration(renewed.notAfter.getTime() - now.getTime())}`;
  const cause = unserved ?? late;
  const running = cause === undefined ? expiry : `${cause}; ${expiry}`;
  const expired = `certificate expired ${formatDuration(left)} ago`;
  const missing = chosen.names.filter((name) => !served.covers(name));
  // In the order of what a client runs into first.
  const findings: readonly (readonly [boolean, Level, string])[] = [
    [left <= 0, "critical", cause === undefined ? expired : `${cause}; ${expired}`],
    [
      served.notBefore > now,
      "critical",
      `certificate is not valid before ${served.notBefore.toISOString().slice(0, 10)}`,
    ],
    [!served.covers(servername), "critical", `certificate is not valid for ${servername}`],
    [!served.authorized, "critical", `certificate is not trusted: ${served.problem}`],
    [left < lifetime * chosen.critical || left < floor(lifetime), "critical", running],
    [missing.length > 0, "warning", `certificate is not valid for ${missing.join(", ")}`],
    [left < lifetime * chosen.warning, "warning", running],
    [unserved !== undefined, "warning", running],
  ];
  const [, level, words] = findings.find(([holds]) => holds) ?? [true, "ok", expiry];
  return { level, words };
}

function untilWhen({ notAfter, serial }: Pick<ServedCertificate, "notAfter" | "serial">): string {
  return `until ${minuteText(notAfter)}, serial ${serial}`;
}

/** Why a renewal is late, as far as it can be seen: where a new one would lie, there is none. */
function nothingNewer(stored: Stored | undefined): string {
  return stored === undefined || "problem" in stored ? "" : ", nothing newer is stored";
}

/** A stored certificate that cannot be read leaves one question open, and hides nothing that is known. */
function beside(reading: Reading, file: string | undefined, stored: Stored | undefined): Reading {
  if (file === undefined || stored === undefined) return reading;
  const line = "problem" in stored ? `${file}: ${stored.problem}` : untilWhen(stored);
  const evidence = { ...reading.evidence, Stored: line };
  if (reading.level !== "ok" || !("problem" in stored)) return { ...reading, evidence };
  return {
    ...reading,
    level: "unknown",
    summary: `the stored certificate cannot be read: ${stored.problem}`,
    evidence,
  };
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
