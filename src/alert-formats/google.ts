import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { alertOf, labelsOf, maybe, read, seconds, severityOf, texts } from "./read.ts";

/**
 * Google Cloud Monitoring, the webhook channel, schema 1.2
 * (https://cloud.google.com/monitoring/support/notification-options#webhooks).
 */

const BODY = z.object({
  incident: z.object({
    incident_id: z.string(),
    state: z.string(),
    started_at: seconds,
    policy_name: maybe,
    condition_name: maybe,
    summary: maybe,
    severity: maybe,
    url: maybe,
    resource_name: maybe,
    resource_display_name: maybe,
    scoping_project_id: maybe,
    resource: z.object({ type: maybe, labels: texts }).nullish().catch(null),
    policy_user_labels: texts.catch({}),
    documentation: z.object({ content: maybe }).nullish().catch(null),
  }),
});

export function readGoogle(body: unknown): Alert[] {
  const { incident } = read(BODY, body);
  const name = incident.policy_name ?? incident.condition_name ?? "alert";
  return [
    alertOf({
      identity: incident.incident_id,
      state: incident.state.toLowerCase() === "closed" ? "resolved" : "firing",
      // An incident without a severity is one that somebody wanted to be told of.
      severity: /^no severity$/i.test(incident.severity ?? "no severity") ? "critical" : severityOf(incident.severity),
      name,
      summary: incident.summary ?? incident.condition_name ?? name,
      description: incident.documentation?.content ?? "",
      labels: labelsOf({
        project_id: incident.scoping_project_id,
        resource_type: incident.resource?.type,
        resource: incident.resource_display_name ?? incident.resource_name,
        condition: incident.condition_name,
        ...incident.resource?.labels,
        ...incident.policy_user_labels,
      }),
      startedAt: incident.started_at,
      link: incident.url ?? null,
    }),
  ];
}
