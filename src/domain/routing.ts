import { hash } from "node:crypto";
import type { Alert } from "./alert.ts";
import type { Catalog } from "./catalog.ts";
import { RESPONSIBILITIES, type Responsibility } from "./duty.ts";
import type { AlertRoute, AlertSource } from "./alert-source.ts";
import type { Severity } from "./item.ts";

/** Labels → service → responsibility, and which alerts are one item. */

/** Where an alert belongs. */
export type Routed = {
  /** The fingerprint of its item: alerts that share it are one. */
  readonly group: string;
  /** What they are called together. */
  readonly title: string;
  readonly service: string | null;
  readonly responsibility: Responsibility;
  readonly severity: Severity;
};

/** Labels that name a service where no route says which, in this order. */
const SERVICE_LABELS = [
  "service",
  "service_name",
  "app",
  "application",
  "app_kubernetes_io_name",
  "project",
  "job",
] as const;

const BY_NAME: readonly string[] = ["alertname"];

type Tables = Pick<Catalog, "services" | "routes">;

/** By the routes that apply, later ones over earlier ones; where none says it, by the labels, and at last by the source. */
export function route(
  catalog: Tables,
  source: AlertSource,
  alert: Pick<Alert, "labels" | "name" | "severity">,
): Routed {
  const said = saidBy(catalog.routes ?? [], source.key, alert.labels);
  const service = said.service ?? serviceOf(catalog, alert.labels) ?? source.service ?? null;
  const groupBy = said.groupBy ?? BY_NAME;
  const values = groupBy.map((label) => valueOf(alert.labels, label));
  const named = groupBy.includes("alertname") ? alert.name : "";
  return {
    group: `${ROUTED}${source.key}/${hashOf(JSON.stringify([service, groupBy, values]))}`,
    title: named || values.filter((value) => value !== "").join(" ") || `alerts of ${service ?? source.key}`,
    service,
    responsibility: said.responsibility ?? responsibilityOf(alert.labels),
    severity: said.severity ?? alert.severity,
  };
}

/** The labels that decide of which item an alert is: whatever has the same values of them is of that item too. */
export function decidingLabels(catalog: Tables, source: AlertSource, labels: Alert["labels"]): string[] {
  const routes = (catalog.routes ?? []).filter(
    ({ when, service, groupBy }) =>
      (when.source ?? source.key) === source.key && (service !== undefined || groupBy !== undefined),
  );
  const said = saidBy(routes, source.key, labels);
  const named = SERVICE_LABELS.findIndex((label) => serviceNamed(catalog, labels, label) !== undefined);
  const looked = named === -1 ? SERVICE_LABELS : SERVICE_LABELS.slice(0, named + 1);
  return [
    ...new Set([
      ...routes.flatMap(({ when }) => Object.keys(when.labels ?? {})),
      ...(said.service === undefined ? looked : []),
      ...(said.groupBy ?? BY_NAME),
    ]),
  ];
}

const ROUTED = "alert/";

/** The source of an item of alerts, by its key; null of any other item. */
export function sourceOf({ fingerprint }: { readonly fingerprint: string }): string | null {
  return isRouted({ fingerprint }) ? (fingerprint.slice(ROUTED.length).split("/")[0] ?? null) : null;
}

/** Whether the catalog's routes decide whose an item is. */
export function isRouted({ fingerprint }: { readonly fingerprint: string }): boolean {
  return fingerprint.startsWith(ROUTED);
}

function saidBy(routes: readonly AlertRoute[], source: string, labels: Alert["labels"]): Omit<AlertRoute, "when"> {
  let said: Omit<AlertRoute, "when"> = {};
  for (const { when, ...line } of routes) if (applies(when, source, labels)) said = { ...said, ...line };
  return said;
}

function applies(when: AlertRoute["when"], source: string, labels: Alert["labels"]): boolean {
  if (when.source !== undefined && when.source !== source) return false;
  return Object.entries(when.labels ?? {}).every(([label, texts]) => {
    return texts.some((text) => matches(text, valueOf(labels, label)));
  });
}

/** Without a label it is as if that were empty. */
export function valueOf(labels: Alert["labels"], label: string): string {
  return Object.hasOwn(labels, label) ? (labels[label] ?? "") : "";
}

/** Whether a text in which `*` stands for any characters is all of a value. Takes no longer than both are long. */
export function matches(text: string, value: string): boolean {
  const [head = "", ...rest] = text.split("*");
  const tail = rest.pop();
  if (tail === undefined) return text === value;
  if (!value.startsWith(head) || value.length < head.length + tail.length) return false;
  let at = head.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= value.length - tail.length && value.endsWith(tail);
}

/** The service that a label names by its key, however it is written there. */
function serviceOf(tables: Tables, labels: Alert["labels"]): string | undefined {
  for (const label of SERVICE_LABELS) {
    const key = serviceNamed(tables, labels, label);
    if (key !== undefined) return key;
  }
  return undefined;
}

function serviceNamed({ services }: Tables, labels: Alert["labels"], label: string): string | undefined {
  const value = valueOf(labels, label);
  if (value === "") return undefined;
  const key = value.toLowerCase().replaceAll(/[\s_.]+/g, "-");
  return Object.hasOwn(services, key) ? key : undefined;
}

function responsibilityOf(labels: Alert["labels"]): Responsibility {
  const said = valueOf(labels, "responsibility");
  return said === "" ? "on-call" : (RESPONSIBILITIES.find((each) => each === said) ?? "on-call");
}

/** Short, and the same for the same text. */
export function hashOf(text: string): string {
  return hash("sha256", text, "base64url").slice(0, 22);
}

/** The lines of the catalog that would say whose these alerts are: what tells them apart, as it was sent. */
export function suggestedRoute(source: string, labels: Alert["labels"]): string[] {
  const telling = [...SERVICE_LABELS, "alertname"].filter((label) => Object.hasOwn(labels, label)).slice(0, 2);
  const chosen = telling.map((label) => `${quoted(label)}: ${quoted(labels[label] ?? "")}`).join(", ");
  const when = `source: ${source}${chosen === "" ? "" : `, labels: { ${chosen} }`}`;
  return ["routes:", `  - { when: { ${when} }, service: SERVICE }`];
}

/** As YAML takes it within braces: a plain word, or a text in quotes, as JSON writes it. */
function quoted(text: string): string {
  return /^[A-Za-z][\w-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
