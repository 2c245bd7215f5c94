import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { isObject } from "../domain/json-object.ts";
import { Invalid } from "../errors.ts";
import { alertOf, anything, instant, labelsOf, maybe, read, severityOf } from "./read.ts";

/**
 * PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/events-api-v2/trigger-events/), which many tools can
 * send: whatever sends it needs another address, and our secret as its routing key. Without a `dedup_key` nobody can say
 * that it is over. That somebody acknowledged it elsewhere changes nothing here.
 */

const EVENT = z.object({
  event_action: z.enum(["trigger", "acknowledge", "resolve"]),
  dedup_key: maybe,
  client: maybe,
  client_url: maybe,
  links: z
    .array(z.object({ href: maybe }))
    .nullish()
    .catch(null),
  payload: anything,
});

const PAYLOAD = z.object({
  summary: z.string(),
  source: z.string(),
  severity: z.enum(["critical", "error", "warning", "info"]),
  timestamp: instant.catch(null),
  component: maybe,
  group: maybe,
  class: maybe,
  custom_details: anything,
});

export function readPagerduty(body: unknown): Alert[] {
  const event = read(EVENT, body);
  const { event_action: action, dedup_key: key } = event;
  if (action === "acknowledge") return [];
  if (action === "resolve") {
    if (key === undefined)
      throw new Invalid("`dedup_key` is missing.", { hint: "It says which of the alerts that you sent is over." });
    return [alertOf({ identity: key, state: "resolved", name: key })];
  }
  const payload = read(PAYLOAD, event.payload, "payload");
  const name = payload.class ?? payload.summary;
  return [
    alertOf({
      identity: key ?? `${payload.source}/${payload.summary}`,
      state: key === undefined ? "told" : "firing",
      severity: severityOf(payload.severity),
      name,
      summary: payload.summary,
      labels: labelsOf({
        source: payload.source,
        component: payload.component,
        group: payload.group,
        class: payload.class,
        client: event.client,
        ...(isObject(payload.custom_details) ? payload.custom_details : {}),
      }),
      startedAt: payload.timestamp,
      link: event.links?.find(({ href }) => href !== undefined)?.href ?? event.client_url ?? null,
    }),
  ];
}
