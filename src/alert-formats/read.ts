import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import type { Severity } from "../domain/item.ts";
import { isObject } from "../domain/json-object.ts";
import { Invalid } from "../errors.ts";

/** What the readers of all formats share: they refuse by naming the field, forgive what they do not need, and cut what is long. */

const MOST_ALERTS = 10_000; // of one request
const MOST_LABELS = 64;
const LONGEST_NAME = 200; // characters
const LONGEST_VALUE = 1_000;
const LONGEST_LINK = 2_000;

/** @throws Invalid that names the first field that is wrong, such as `alerts[3].status` */
export function read<Schema extends z.ZodType>(schema: Schema, body: unknown, where = ""): z.output<Schema> {
  const result = schema.safeParse(body, { reportInput: false });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw new Invalid("The body cannot be read.");
  throw wrongField(
    [where, ...issue.path].filter((part) => part !== ""),
    issue.message,
  );
}

function wrongField(path: readonly PropertyKey[], what: string): Invalid {
  const field = path.reduce<string>(
    (so, part) => (typeof part === "number" ? `${so}[${part}]` : `${so}${so === "" ? "" : "."}${String(part)}`),
    "",
  );
  const said = what.replace(/^Invalid input: /, "").replace(/^Invalid option: /, "");
  return new Invalid(`${field === "" ? "The body" : `\`${field.slice(0, 200)}\``} is wrong: ${said.slice(0, 300)}.`);
}

/** What nobody needs is not looked at. */
export const anything = z.unknown().optional();

/** One field in one step: every alert has several, and each schema that they were made of would cost as much. */
function field<T>(readOne: (value: unknown, wrong: (message: string) => never) => T) {
  return z.transform((value: unknown, { addIssue }) =>
    readOne(value, (message) => {
      addIssue({ code: "custom", message });
      return z.NEVER;
    }),
  );
}

/** Text, or what is written as something else and means one. */
export const words = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)], {
  error: "expected text",
});
/** Left out, null and empty are the same. */
export const maybe = field((value, wrong) => {
  if (value === undefined || value === null || value === "") return undefined;
  return textOf(value) ?? wrong("expected text");
});
/** Labels and the like: what is not text is left out. */
export const texts = field((value, wrong) => {
  if (value === undefined || value === null) return {};
  return isObject(value) ? labelsOf(value) : wrong("expected an object of texts");
});

export function listOf<Schema extends z.ZodType>(schema: Schema) {
  return z.array(schema, { error: "expected a list" }).max(MOST_ALERTS, `at most ${MOST_ALERTS} alerts in one request`);
}

/** A map of texts out of whatever was sent as one. */
export function labelsOf(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const labels: Record<string, string> = {};
  let left = MOST_LABELS;
  for (const name of Object.keys(given)) {
    const text = textOf(given[name]) ?? "";
    if (text === "" || name === "__proto__") continue; // which is nobody's label, and cannot be set as others are
    labels[name.slice(0, LONGEST_NAME)] = text.slice(0, LONGEST_VALUE);
    left -= 1;
    if (left === 0) break;
  }
  return labels;
}

export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** `key:value` tags, as some write labels. */
export function tagsOf(tags: readonly string[]): Record<string, string> {
  const pairs = tags.flatMap((tag): [string, string][] => {
    const [name = "", ...rest] = tag.trim().split(":");
    return name === "" || rest.length === 0 ? [] : [[name, rest.join(":")]];
  });
  return labelsOf(Object.fromEntries(pairs));
}

const CRITICAL =
  /^(critical|crit|page|error|fatal|emergency|emerg|alert|high|highest|urgent|disaster|down|sev-?[01]|p[01])$/i;

/** As people write it in rules; what nobody calls bad is a warning. */
export function severityOf(word: string | undefined): Severity {
  return CRITICAL.test(word?.trim() ?? "") ? "critical" : "warning";
}

const EARLIEST = Date.UTC(2000, 0);
const LATEST = Date.UTC(2100, 0);

/** A moment as text, or seconds since 1970; null for what is none, and for what formats write when they know none. */
export function momentOf(written: string | number | undefined | null): Date | null {
  if (written === undefined || written === null) return null;
  return known(typeof written === "number" ? new Date(written * 1_000) : new Date(written));
}

function known(at: Date): Date | null {
  return at.getTime() > EARLIEST && at.getTime() < LATEST ? at : null;
}

const WRONG_TIME = "expected a time such as 2026-11-30T02:00:00Z";

/** A moment as RFC 3339 text. */
export const instant = field((text, wrong) => {
  if (text === undefined || text === null) return null;
  const at = new Date(typeof text === "string" ? text : Number.NaN);
  return Number.isNaN(at.getTime()) ? wrong(WRONG_TIME) : known(at);
});
/** Seconds since 1970, as a number or as text. */
export const seconds = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => momentOf(secondsIn(value)));

function secondsIn(value: string | number | null | undefined): string | number | null | undefined {
  return typeof value === "string" && /^\d{1,12}(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** Within the lengths that we keep, and with its name as a label. */
export function alertOf(said: Partial<Alert> & Pick<Alert, "identity" | "name" | "state">): Alert {
  const name = said.name.trim().slice(0, LONGEST_NAME) || "alert";
  return {
    identity: said.identity,
    state: said.state,
    severity: said.severity ?? "warning",
    name,
    summary: (said.summary?.trim() || name).slice(0, 500),
    labels: { alertname: name, ...said.labels },
    description: (said.description ?? "").trim().slice(0, LONGEST_VALUE),
    startedAt: said.startedAt ?? null,
    link: said.link !== undefined && said.link !== null && said.link.length <= LONGEST_LINK ? said.link : null,
    lastsUntil: said.lastsUntil ?? null,
  };
}

/** Labels as one text, whatever their order. */
export function identityOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels);
  // Nearly always they come in order, as whatever is written in Go sends them.
  const isSorted = pairs.every(([name], index) => index === 0 || (pairs[index - 1]?.[0] ?? "") < name);
  return JSON.stringify(isSorted ? pairs : pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
