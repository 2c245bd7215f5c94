import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { alertFrom } from "./alertmanager.ts";
import { instant, listOf, maybe, read, texts } from "./read.ts";

/**
 * Grafana alerting, the webhook contact point
 * (https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/):
 * Alertmanager's shape, with links to the panel and the dashboard.
 */

const BODY = z.object({
  alerts: listOf(
    z.object({
      status: z.enum(["firing", "resolved"]),
      labels: texts,
      annotations: texts,
      startsAt: instant,
      endsAt: instant,
      generatorURL: maybe,
      dashboardURL: maybe,
      panelURL: maybe,
      valueString: maybe,
    }),
  ),
});

export function readGrafana(body: unknown): Alert[] {
  return read(BODY, body).alerts.map((sent) => {
    const { status, panelURL, dashboardURL, generatorURL, valueString, annotations } = sent;
    return alertFrom(sent, {
      state: status,
      link: panelURL ?? dashboardURL ?? generatorURL ?? null,
      ...(annotations["description"] === undefined && valueString !== undefined
        ? { description: valueString.slice(0, 1_000) }
        : {}),
    });
  });
}
