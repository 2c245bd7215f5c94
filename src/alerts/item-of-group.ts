import type { Severity } from "../domain/item.ts";
import type { Sighting } from "../items/lifecycle.ts";
import type { AlertGroup } from "../store/alert-groups.ts";
import type { Member } from "../store/alerts.ts";

/** What the item of a group that fires says: its one alert, or that there are several. */
export function itemOfGroup(group: AlertGroup, member: Member): Sighting {
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

/** Labels that say where it is, the most telling first; all others follow. */
const WHERE = ["instance", "host", "pod", "container", "node", "namespace", "cluster", "environment", "region"];
/** Labels that are left out: the card says them anyway, or only machines read them. */
const UNSAID =
  /^(alertname|severity|priority|service|service_name|responsibility|job|prometheus|uid|runbook_url|__.*)$/;
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
