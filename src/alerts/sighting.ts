import type { Severity } from "../domain/item.ts";
import type { Sighting } from "../items/life.ts";
import type { AlertGroup } from "../store/alert-groups.ts";
import type { Member } from "../store/alerts.ts";

/** What the item of a group that fires is about: the one alert, or that there are several. */
export function sighting(group: AlertGroup, member: Member): Sighting {
  return {
    fingerprint: group.itemFingerprint,
    origin: "alert",
    service: group.service,
    responsibility: group.responsibility,
    severity: severityOf(group),
    summary: group.firing === 1 ? member.summary : `${group.title}: several alerts`,
    evidence: group.firing === 1 ? evidenceOf(member) : {},
    since: member.startedAt,
  };
}

export function severityOf({ critical }: Pick<AlertGroup, "critical">): Severity {
  return critical > 0 ? "critical" : "warning";
}

/** Labels that say where it is, in the order of their worth; others follow. */
const WHERE = ["instance", "host", "pod", "container", "node", "namespace", "cluster", "environment", "region"];
/** What the card says anyway, or what only machines read. */
const UNSAID = /^(alertname|severity|priority|service|service_name|responsibility|job|prometheus|uid|__.*)$/;
const FACTS = 5;

function evidenceOf({ summary, description, labels }: Member): Record<string, string> {
  const said = Object.entries(labels).filter(([name]) => !UNSAID.test(name));
  const ranked = said.toSorted(([a], [b]) => rankOf(a) - rankOf(b)).slice(0, FACTS);
  return Object.fromEntries([
    ...(description === "" || description === summary ? [] : [["what", description]]),
    ...ranked,
  ]);
}

function rankOf(label: string): number {
  const rank = WHERE.indexOf(label);
  return rank === -1 ? WHERE.length : rank;
}
