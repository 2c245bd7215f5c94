import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { SEVERITIES } from "../domain/item.ts";
import { alertOf, identityOf, instant, labelsOf, listOf, maybe, read, texts } from "./read.ts";

/** Our own JSON, for whatever can be told what to send; docs/alerts.md describes it. One alert, a list, or `{ "alerts": [ … ] }`. */

const ALERT = z.object({
  name: z.string({ error: "expected text: what kind of thing happened" }).trim().min(1, "must not be empty"),
  id: maybe,
  state: z.enum(["firing", "resolved", "event"]).default("firing"),
  severity: z.enum(SEVERITIES).default("warning"),
  summary: maybe,
  description: maybe,
  service: maybe,
  responsibility: maybe,
  labels: texts,
  started_at: instant,
  link: maybe,
});
const SEVERAL = z.object({ alerts: listOf(ALERT) });

export function readGeneric(body: unknown): Alert[] {
  return sentIn(body).map((sent) => {
    const { name, id, service, responsibility, state } = sent;
    const labels = labelsOf({
      ...sent.labels,
      service: service ?? sent.labels["service"],
      responsibility: responsibility ?? sent.labels["responsibility"],
    });
    return alertOf({
      identity: id ?? `${name}/${identityOf(labels)}`,
      state: state === "event" ? "told" : state,
      severity: sent.severity,
      name,
      summary: sent.summary ?? name,
      description: sent.description ?? "",
      labels,
      startedAt: sent.started_at,
      link: sent.link ?? null,
    });
  });
}

function sentIn(body: unknown): z.output<typeof ALERT>[] {
  if (Array.isArray(body)) return read(listOf(ALERT), body);
  if (typeof body === "object" && body !== null && "alerts" in body) return read(SEVERAL, body).alerts;
  return [read(ALERT, body)];
}
