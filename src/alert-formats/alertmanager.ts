import { z } from "zod";
import { RUNBOOK, type Alert } from "../domain/alert.ts";
import { alertOf, anything, identityOf, instant, listOf, maybe, momentOf, read, severityOf, texts } from "./read.ts";

/**
 * Prometheus: what Alertmanager sends to a webhook, version 4
 * (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config), and what Prometheus sends to Alertmanager's
 * API v2 (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, postableAlerts), which is a list.
 * Both tell their alerts apart by all labels, so that one that comes both ways is one.
 */

const COMMON = {
  labels: texts,
  annotations: texts,
  startsAt: instant,
  endsAt: instant,
  generatorURL: maybe,
};
const WEBHOOK = z.object({
  alerts: listOf(z.object({ ...COMMON, status: z.enum(["firing", "resolved"]) })),
  version: anything,
});
const POSTED = listOf(z.object(COMMON));

type Sent = z.output<typeof POSTED>[number];

export function readAlertmanager(body: unknown, now: Date): Alert[] {
  if (Array.isArray(body)) return read(POSTED, body).map((sent) => alertFrom(sent, posted(sent, now)));
  return read(WEBHOOK, body).alerts.map((sent) => alertFrom(sent, { state: sent.status }));
}

/** It is over when its end has come. Whoever sends it says again and again that this is still ahead. */
function posted({ endsAt }: Sent, now: Date): Pick<Alert, "state"> & Partial<Alert> {
  if (endsAt !== null && endsAt <= now) return { state: "resolved" };
  return { state: "firing", lastsUntil: endsAt ?? momentOf((now.getTime() + UNSAID) / 1_000) };
}

const UNSAID = 300_000; // ms: Alertmanager's own resolve_timeout

export function alertFrom(
  { labels, annotations, startsAt, generatorURL }: Sent,
  how: Pick<Alert, "state"> & Partial<Alert>,
): Alert {
  const name = labels["alertname"] ?? "alert";
  const runbook = annotations["runbook_url"] ?? annotations["runbook"];
  return alertOf({
    identity: identityOf(labels),
    name,
    severity: severityOf(labels["severity"] ?? labels["priority"]),
    summary:
      annotations["summary"] ?? annotations["title"] ?? annotations["message"] ?? annotations["description"] ?? name,
    description: annotations["description"] ?? annotations["message"] ?? "",
    labels: runbook === undefined ? labels : { ...labels, [RUNBOOK]: runbook },
    startedAt: startsAt,
    link: generatorURL ?? annotations["dashboard_url"] ?? annotations["dashboard"] ?? null,
    ...how,
  });
}
