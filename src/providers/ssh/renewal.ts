import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Certificate as Served, Observation } from "../../domain/observation.ts";
import { runsLines } from "../../domain/task-plan.ts";
import { Invalid } from "../../errors.ts";
import type { ApplyUse, Verdict } from "../provider.ts";
import { serves } from "../serves.ts";
import { said } from "./answer.ts";
import type { Certificate } from "./certificate.ts";
import { settings, type Settings } from "./settings.ts";
import { look } from "./observe.ts";
import { addressesOf, placeOf, servedAtPlace, unseenAt } from "./sights.ts";
import type { Drawn } from "../draw.ts";

/** A certificate that a program on the host renews: done once a newer one is served, wherever it is served. */

export const RENEWED_WITHIN = 240_000; // ms that each of the two programs may take
const TAKES = 200_000; // ms; three times that is the limit of the whole

/** @throws Invalid where none is named, or it cannot be seen */
export function drawRenewal(target: Target, seen: Observation): Drawn {
  const { certificate } = settings.parse(target.settings);
  if (certificate === undefined)
    throw new Invalid(
      `The catalog names no certificate of ${target.key}: write \`certificate\`, with what renews it and where it is served, into the target.`,
      { hint: "docs/providers/ssh.md shows how." },
    );
  const addresses = addressesOf(certificate);
  return {
    arguments: {},
    risk: "low",
    title: `Renew the certificate of ${target.service} (${target.name})`,
    changes: Object.fromEntries(addresses.map((address) => [address, [servedBefore(address, seen), "a newer one"]])),
    reasons: [
      ...runs(certificate),
      ...(certificate.reload === undefined ? [] : ["A reload may drop connections, where it restarts the server"]),
      `It is done when the same newer one is served at ${addresses.join(" and ")}`,
      "Issuers count what they issue, and issue only so many in a week",
    ],
    stays: ["its names and its issuer", "release, configuration and database"],
    takes: TAKES,
  };
}

/** @throws Invalid where nothing would tell a new one from it */
function servedBefore(address: string, { certificates, facts }: Observation): string {
  const found = certificates.find((each) => each.address === address);
  if (found !== undefined) return worded(found);
  const why = facts[unseenAt(address)] ?? `${address} was not looked at yet`;
  throw new Invalid(`The certificate cannot be seen, so nothing would show that it is renewed: ${why}.`, {
    hint: "It has to be served where Daytwo can see it.",
  });
}

/** "serial 0A41, issued 2026-10-01 08:00 UTC, until 2026-12-30" */
function worded({ serial, notBefore, notAfter }: Served): string {
  return `serial ${serial}, issued ${minuteOf(notBefore)} UTC, until ${notAfter.slice(0, "2026-12-30".length)}`;
}

const ISSUED = /issued (.{16}) UTC/;

function minuteOf(written: string): string {
  return written.slice(0, "2026-10-01T08:00".length).replace("T", " ");
}

/** All that is run, for whoever approves it. */
function runs({ renew, reload }: Certificate): readonly string[] {
  return [...runsLines("Runs", renew), ...(reload === undefined ? [] : runsLines("If that ends well, runs", reload))];
}

/** What is no longer as the plan has it, unless this very operation made it so; null where all is. @throws Unavailable */
export async function movedFrom(
  where: Settings,
  plan: Plan,
  { token, signal }: Pick<ApplyUse, "token" | "signal">,
): Promise<string | null> {
  const named = where.certificate === undefined ? [] : runs(where.certificate);
  if (named.length === 0 || !named.every((line) => plan.reasons.includes(line)))
    return "the catalog names other programs";
  const now = await servedNow(plan, signal);
  const other = now.find((each) => !isAsBefore(each, plan));
  if (other === undefined) return null;
  const isOurs = said(await look(where, { verb: "status", token }, signal), "claimed") !== undefined;
  return isOurs ? null : `${other.address} serves serial ${other.serial}`;
}

/** What is served now that it ended well: the old one is for a while, until its server has read the new one. */
export async function renewed(plan: Plan, signal: AbortSignal): Promise<Verdict> {
  const now = await servedNow(plan, signal);
  const [first] = now;
  if (first === undefined) return { kind: "differs", seen: "the plan names no address" };
  const old = now.find((each) => isAsBefore(each, plan));
  if (old !== undefined)
    return {
      kind: "pending",
      seen: `it ended well, but ${old.address} still serves serial ${old.serial}: was it not due, or not reloaded?`,
    };
  const older = now.find((each) => minuteOf(each.notBefore) < (ISSUED.exec(before(each, plan))?.[1] ?? ""));
  if (older !== undefined)
    return {
      kind: "pending",
      seen: `it ended well, but ${older.address} serves serial ${older.serial}, which is older than the one before`,
    };
  const places = now.map(({ address }) => placeOf(address));
  return serves(places, first.serial, signal);
}

function servedNow({ changes }: Plan, signal: AbortSignal): Promise<Served[]> {
  return Promise.all(Object.keys(changes).map((address) => servedAtPlace(address, signal)));
}

function isAsBefore(served: Served, plan: Plan): boolean {
  return worded(served) === before(served, plan);
}

function before({ address }: Served, { changes }: Plan): string {
  return changes[address]?.[0] ?? "";
}
