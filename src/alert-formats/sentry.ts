import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { alertOf, anything, instant, labelsOf, maybe, read, severityOf, textOf, words } from "./read.ts";

/**
 * Sentry, the webhooks of an internal integration
 * (https://docs.sentry.io/organization/integrations/integration-platform/webhooks/): issue alerts, metric alerts, and
 * what becomes of issues. An issue alert is told once; that it is over is only said where the integration is also told
 * of issues. What is about no alert (an installation, a comment) is taken and changes nothing.
 */

const BODY = z.object({ action: z.string(), data: z.record(z.string(), z.unknown()) });

const METRIC = z.object({
  description_title: maybe,
  description_text: maybe,
  web_url: maybe,
  metric_alert: z.object({
    id: words,
    title: maybe,
    date_started: instant.catch(null),
    projects: z.array(z.unknown()).nullish().catch(null),
    alert_rule: z.object({ id: maybe, name: maybe, environment: maybe }).nullish().catch(null),
  }),
});

const EVENT = z.object({
  triggered_rule: maybe,
  event: z.object({
    issue_id: words,
    title: z.string(),
    level: maybe,
    culprit: maybe,
    web_url: maybe,
    environment: maybe,
    platform: maybe,
    datetime: instant.catch(null),
    url: maybe,
    tags: anything,
  }),
});

const ISSUE = z.object({
  issue: z.object({
    id: words,
    title: z.string(),
    level: maybe,
    culprit: maybe,
    web_url: maybe,
    permalink: maybe,
    platform: maybe,
    firstSeen: instant.catch(null),
    project: z.object({ slug: maybe }).nullish().catch(null),
  }),
});

export function readSentry(body: unknown): Alert[] {
  const { action, data } = read(BODY, body);
  if ("metric_alert" in data) return [metricAlert(action, read(METRIC, data, "data"))];
  if ("event" in data && "triggered_rule" in data) return [eventAlert(read(EVENT, data, "data"))];
  if ("issue" in data && ISSUE_STATES[action] !== undefined)
    return [issueChange(ISSUE_STATES[action], read(ISSUE, data, "data"))];
  return [];
}

function metricAlert(action: string, { metric_alert: alert, ...said }: z.output<typeof METRIC>): Alert {
  const name = alert.alert_rule?.name ?? alert.title ?? "metric alert";
  return alertOf({
    identity: `metric/${alert.alert_rule?.id ?? alert.id}`,
    state: action === "resolved" ? "resolved" : "firing",
    severity: severityOf(action),
    name,
    summary: alert.title ?? said.description_title ?? name,
    description: said.description_text ?? "",
    labels: labelsOf({ project: textOf(alert.projects?.[0]), environment: alert.alert_rule?.environment }),
    startedAt: alert.date_started,
    link: said.web_url ?? null,
  });
}

function eventAlert({ event, triggered_rule: rule }: z.output<typeof EVENT>): Alert {
  return alertOf({
    identity: `issue/${event.issue_id}`,
    state: "told",
    severity: severityOf(event.level),
    name: event.title,
    summary: event.title,
    description: event.culprit ?? "",
    labels: labelsOf({
      project: projectIn(event.url),
      environment: event.environment,
      platform: event.platform,
      level: event.level,
      rule,
      ...pairsOf(event.tags),
    }),
    startedAt: event.datetime,
    link: event.web_url ?? null,
  });
}

const ISSUE_STATES: Readonly<Record<string, Alert["state"] | undefined>> = {
  created: "told",
  unresolved: "told",
  resolved: "resolved",
  archived: "resolved",
  ignored: "resolved",
};

function issueChange(state: Alert["state"], { issue }: z.output<typeof ISSUE>): Alert {
  return alertOf({
    identity: `issue/${issue.id}`,
    state,
    severity: severityOf(issue.level),
    name: issue.title,
    summary: issue.title,
    description: issue.culprit ?? "",
    labels: labelsOf({ project: issue.project?.slug, platform: issue.platform, level: issue.level }),
    startedAt: issue.firstSeen,
    link: issue.web_url ?? issue.permalink ?? null,
  });
}

/** The project's short name, out of the event's address: …/projects/<organisation>/<project>/events/… */
function projectIn(url: string | undefined): string | undefined {
  return /\/projects\/[^/]{1,100}\/([^/]{1,100})\//.exec(url ?? "")?.[1];
}

function pairsOf(tags: unknown): Record<string, unknown> {
  if (!Array.isArray(tags)) return {};
  const pairs = tags.filter((tag): tag is [string, unknown] => Array.isArray(tag) && typeof tag[0] === "string");
  return Object.fromEntries(pairs.map(([name, value]) => [name, value]));
}
