import { z } from "zod";
import { Invalid } from "../errors.ts";

/** Durations in ms, sizes in bytes and shares 0..1: how people write them, and how cards say them. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ...named(1, "ms", "millisecond", "milliseconds"),
  ...named(SECOND, "s", "sec", "secs", "second", "seconds"),
  ...named(MINUTE, "m", "min", "mins", "minute", "minutes"),
  ...named(HOUR, "h", "hr", "hrs", "hour", "hours"),
  ...named(DAY, "d", "day", "days"),
  ...named(7 * DAY, "w", "week", "weeks"),
};

/** The written forms as patterns, by which editors check them without running us; a pattern cannot ignore case. */
const NUMBER = String.raw`\d+(?:\.\d+)?`;
const [WEEKS, DAYS, HOURS, MINUTES, SECONDS, MILLISECONDS] = [7 * DAY, DAY, HOUR, MINUTE, SECOND, 1].map(
  (unit) => String.raw`(?:${NUMBER}\s*${written(DURATION_UNITS, unit)}\s*)`,
);
/** Falling units; or, after days, hours or minutes, a last number without one. */
const DURATION_PATTERN =
  String.raw`^\s*(?=\d)(?:${WEEKS}?${DAYS}?${HOURS}?${MINUTES}?${SECONDS}?${MILLISECONDS}?` +
  String.raw`|${WEEKS}?(?:${DAYS}?${HOURS}?${MINUTES}|${DAYS}?${HOURS}|${DAYS})${NUMBER})\s*$`;

/** "2h30" means 2 h 30 min: a last number without a unit counts in the next smaller one. */
const NEXT_SMALLER: Readonly<Record<number, number>> = { [DAY]: HOUR, [HOUR]: MINUTE, [MINUTE]: SECOND };

/** "10s", "5 min", "1h30m", "2h30", "1.5 h", "7d" → ms. @throws Invalid also for a number without a unit. */
export function parseDuration(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)\s*/giy)];
  const length = parts.reduce((sum, [whole]) => sum + whole.length, 0);
  let total = 0;
  let previous: number | undefined;
  for (const [, count = "", unit = ""] of parts) {
    const size = unit === "" ? NEXT_SMALLER[previous ?? 0] : DURATION_UNITS[unit.toLowerCase()];
    // Units must fall, so that "5m 1h" and "5m 5m", which are slips, are not added up.
    if (size === undefined || (previous !== undefined && size >= previous)) throw notADuration(text);
    total += Number(count) * size;
    previous = size;
  }
  if (parts.length === 0 || length !== text.trim().length) throw notADuration(text);
  return Math.round(total);
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  ...named(1, "", "b", "byte", "bytes"),
  ...named(1e3, "k", "kb"),
  ...named(1e6, "m", "mb"),
  ...named(1e9, "g", "gb"),
  ...named(1e12, "t", "tb"),
  ...named(2 ** 10, "kib"),
  ...named(2 ** 20, "mib"),
  ...named(2 ** 30, "gib"),
  ...named(2 ** 40, "tib"),
};

const SIZE_PATTERN = String.raw`^\s*${NUMBER}\s*${written(SIZE_UNITS)}\s*$`;

/** "50 MB", "1.5GiB", "4096" → bytes. @throws Invalid */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = SIZE_UNITS[match?.[2]?.toLowerCase() ?? ""];
  if (!match || unit === undefined) throw new Invalid(`"${text}" is not a size. Write it like 50 MB or 2 GiB.`);
  return Math.round(Number(match[1]) * unit);
}

const SHARE_PATTERN = String.raw`^\s*${NUMBER}(?:e-\d+)?\s*(?:%|/\s*${NUMBER})?\s*$`;

/** "85 %", "1/3", "0.85" → 0..1. @throws Invalid also above the whole, since a bare 85 may mean anything. */
export function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?(?:e-\d+)?)\s*(?:(%)|\/\s*(\d+(?:\.\d+)?))?$/.exec(text.trim());
  const whole = match?.[2] ? 100 : Number(match?.[3] ?? 1);
  const share = Number(match?.[1]) / whole;
  if (!match || !(share >= 0 && share <= 1)) {
    throw new Invalid(`"${text}" is not a share. Write it like 85 %, 1/3 or 0.85.`);
  }
  return share;
}

/** 518400000 → "6 days". Rounded down; in the largest unit of which there are at least two, or exactly one. */
export function formatDuration(ms: number): string {
  const units = [
    ["day", DAY],
    ["hour", HOUR],
    ["minute", MINUTE],
    ["second", SECOND],
  ] as const;
  const whole = Math.abs(ms);
  const [unit, size] = units.find(([, each]) => whole >= 2 * each || whole === each) ?? ["second", SECOND];
  const count = Math.floor(whole / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** How long something took: "850 ms", "4.2 s", "1 minute". */
export function formatLatency(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${Number((ms / SECOND).toFixed(1))} s`;
  return formatDuration(ms);
}

/** 61000000 → "61 MB"; three digits at most, decimal units. */
export function formatSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${Number(value.toFixed(value < 9.95 && unit > 0 ? 1 : 0))} ${units[unit]}`;
}

/** 0.38 → "38 %"; says 0 % only for nothing and 100 % only for everything. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return "under 0.1 %";
  if (percent > 99 && percent < 100) return `${Math.floor(percent * 10) / 10} %`;
  return `${Number(percent.toFixed(percent < 9.95 ? 1 : 0))} %`;
}

/** A duration as written, checked and left as text: settings are parsed again at each look, and text stays readable as JSON. */
export const durationText = z
  .string({ error: "Write a duration with its unit, like 10s, 5m or 2h." })
  .superRefine((text, context) => void report(context, () => parseDuration(text)))
  .meta({ pattern: DURATION_PATTERN });

/** "2026-11-28 03:12 UTC" */
export function minuteText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A duration with its unit, read as ms. */
export const duration = durationText.transform((text) => parseDuration(text));

/** A size, read as bytes; a bare number is bytes. */
export const size = measure(parseSize, { pattern: SIZE_PATTERN }, { minimum: 0 }, "Write a size like 50 MB or 2 GiB.");

/** A share, read as 0..1; a bare number must lie there already. */
export const share = measure(
  parseShare,
  { pattern: SHARE_PATTERN },
  { minimum: 0, maximum: 1 },
  "Write a share like 85 %, 1/3 or 0.85.",
);

/** The text's and the number's limits are for editors; `parse` decides. */
function measure(parse: (text: string) => number, text: Limits, number: Limits, shape: string) {
  return z.union([z.string().meta(text), z.number().meta(number)], { error: shape }).transform((value, context) => {
    return report(context, () => parse(String(value))) ?? z.NEVER;
  });
}

/** A URL that begins with http:// or https://; `error` says so in the words of its place. */
export function webAddress(error: string) {
  return z.url({ protocol: /^https?$/, error }).meta({ pattern: String.raw`^[hH][tT][tT][pP][sS]?:` });
}

type Limits = { readonly pattern?: string; readonly minimum?: number; readonly maximum?: number };

/** The number, or the sentence as a problem of the schema. */
function report(context: z.RefinementCtx, parse: () => number): number | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    // Not even compared with another one.
    context.addIssue({ code: "custom", message: error.message, continue: false });
    return undefined;
  }
}

function named(size: number, ...names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name) => [name, size]));
}

/** Every word for a unit (of one size, or of any), in any case, as a pattern; the longest first. */
function written(units: Readonly<Record<string, number>>, size?: number): string {
  const words = Object.keys(units).filter((word) => size === undefined || units[word] === size);
  const patterns = words
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`));
  return `(?:${patterns.join("|")})`;
}

function notADuration(text: string): Invalid {
  return new Invalid(`"${text}" is not a duration. Write it like 10s, 5m, 2h or 1h30m.`);
}
