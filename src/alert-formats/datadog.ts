import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { alertOf, labelsOf, maybe, read, severityOf, tagsOf } from "./read.ts";

/**
 * Datadog, the webhooks integration (https://docs.datadoghq.com/integrations/webhooks/). Its payload is what the person
 * who sets it up writes: docs/alerts.md has the one that tells everything. Datadog's own default is read too, whose title
 * alone says what became of the alert.
 */

const BODY = z.object({
  title: z.string(),
  alert_id: maybe,
  transition: maybe,
  alert_title: maybe,
  priority: maybe,
  scope: maybe,
  tags: maybe,
  host: maybe,
  link: maybe,
  message: maybe,
  body: maybe,
});

/** "[Triggered on {host:a}] [P2] Disk is full": what stands in brackets ahead of the name. */
const AHEAD = /^\s*(?:\[([^\]]{0,300})\]\s*)/;

export function readDatadog(body: unknown): Alert[] {
  const sent = read(BODY, body);
  const { ahead, name: titled } = split(sent.title);
  const name = sent.alert_title ?? titled;
  const transition = sent.transition ?? ahead.join(" ");
  const scope = sent.scope ?? /\bon \{(.{0,200})\}/.exec(ahead[0] ?? "")?.[1] ?? "";
  const priority = sent.priority ?? ahead.find((word) => /^P[1-5]$/i.test(word));
  return [
    alertOf({
      identity: `${sent.alert_id ?? name}/${scope}`,
      state: /recover|resolved|ok\b/i.test(transition) ? "resolved" : "firing",
      severity: severityFor(transition, priority),
      name,
      summary: name,
      description: sent.message ?? sent.body ?? "",
      labels: labelsOf({
        host: sent.host,
        monitor: sent.alert_id,
        ...tagsOf(scope.split(",")),
        ...tagsOf((sent.tags ?? "").split(",")),
      }),
      link: sent.link ?? null,
    }),
  ];
}

function severityFor(transition: string, priority: string | undefined): Alert["severity"] {
  if (/warn/i.test(transition)) return "warning";
  if (priority === undefined) return "critical";
  return /^P2$/i.test(priority) ? "critical" : severityOf(priority);
}

function split(title: string): { ahead: string[]; name: string } {
  const ahead: string[] = [];
  let name = title.slice(0, 1_000);
  for (let found = AHEAD.exec(name); found !== null; found = AHEAD.exec(name)) {
    ahead.push(found[1] ?? "");
    name = name.slice(found[0].length);
  }
  return { ahead, name: name.trim() || title };
}
