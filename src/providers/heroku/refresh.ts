import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import type { Verdict } from "../provider.ts";
import { askedAt, serves } from "../serves.ts";
import { acmOf, hasFailed, isBlocked, isIssued, saysFailed, stateOf, type Acm, type Domain } from "./acm.ts";
import { pathOf, settings, type Settings } from "./api.ts";
import type { Drawn } from "../draw.ts";
import type { Way } from "./once.ts";

/** Certificates that Heroku could not issue, asked for once more: `heroku certs:auto:refresh`. */

const OF = "Certificate of ";

/** What stands in the way of each domain that has no certificate, or will have none much longer. */
export function blockedFacts(domains: readonly Domain[]): Observation["facts"] {
  return Object.fromEntries(domains.filter(isBlocked).map((each) => [`${OF}${each.hostname ?? ""}`, stateOf(each)]));
}

/** @throws Invalid where there is nothing that another attempt would help */
export function drawRefresh(target: Target, seen: Observation): Drawn {
  const { app, certificate } = settings.parse(target.settings);
  const blocked = Object.entries(seen.facts).filter(([label]) => label.startsWith(OF));
  const failed = blocked.filter(([, state]) => saysFailed(state));
  if (failed.length === 0)
    throw new Invalid(notNow(app, blocked), {
      hint: `Heroku renews certificates by itself, a month before they end; \`heroku certs:auto -a ${app}\` shows how each stands.`,
    });
  const addresses = [certificate?.address ?? []].flat();
  return {
    arguments: {},
    risk: "low",
    title: `Renew the certificates of ${target.service} (${target.name})`,
    changes: Object.fromEntries(failed.map(([label, state]) => [label.slice(OF.length), [state, "issued"]])),
    reasons: [
      "Has Heroku look at its domains and ask the issuer once more; what is wrong with their DNS has to be right by then",
      addresses.length === 0
        ? "The catalog does not say where they are served: it is done when they are issued"
        : `It is done when what was issued is served at ${addresses.join(" and ")}`,
    ],
    stays: ["domains, DNS, release and dynos", "certificates that somebody uploaded"],
    takes: TAKES,
  };
}

function notNow(app: string, blocked: readonly (readonly [label: string, state: string])[]): string {
  if (blocked.length === 0) return `No certificate of ${app} has failed, as far as can be seen.`;
  return `Another attempt is under way: ${blocked.map(([label, state]) => `${label.slice(OF.length)} ${state}`).join("; ")}.`;
}

const TAKES = 200_000; // ms; three times that is waited for it
const LATER = 10_000; // ms between two looks

export function refreshing(where: Settings, plan: Plan, signal: AbortSignal): Way {
  return {
    later: LATER,
    look: () => refreshed(where, plan, signal),
    request: () => ({ method: "PATCH", path: pathOf(where, "/acm"), body: { acm_refresh: true } }),
  };
}

/** What the domains of the plan show of it, whoever asked for it. @throws Unavailable | Invalid */
export async function refreshed(where: Settings, plan: Plan, signal: AbortSignal): Promise<Verdict> {
  const acm = await acmOf(where, signal);
  const own: Domain[] = [];
  for (const name of Object.keys(plan.changes)) {
    const found = acm.domains.find(({ hostname }) => hostname === name);
    if (found === undefined) return { kind: "differs", seen: `${name} is no domain of it any more` };
    own.push(found);
  }
  if (own.every(isIssued)) return servedAsIssued(where, acm, own, signal);
  const moved = own.filter((each) => stateOf(each) !== plan.changes[each.hostname ?? ""]?.[0]);
  const seen = own.map((each) => `${each.hostname ?? ""} ${stateOf(each)}`).join("; ");
  if (moved.length === 0) return { kind: "untouched", seen };
  return { kind: moved.some(hasFailed) ? "failed" : "pending", seen };
}

async function servedAsIssued(
  { certificate }: Settings,
  { issued }: Acm,
  own: readonly Domain[],
  signal: AbortSignal,
): Promise<Verdict> {
  const names = own.map(({ hostname }) => hostname ?? "");
  const addresses = [certificate?.address ?? []].flat();
  if (addresses.length === 0) return { kind: "holds", seen: `issued for ${names.join(", ")}` };
  let said = "";
  for (const address of addresses) {
    const servername = askedAt(address, names[0] ?? "");
    const found = issued.find((each) => each.names.includes(servername));
    if (found === undefined) return { kind: "pending", seen: `issued, and not to be seen yet for ${servername}` };
    const verdict = await serves([{ address, servername }], found.serial, signal);
    if (verdict.kind !== "holds") return verdict;
    said = verdict.seen;
  }
  return { kind: "holds", seen: said };
}
