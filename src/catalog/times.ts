import type { DigestPlan } from "../domain/catalog.ts";
import type { Moment } from "../domain/window.ts";
import { nearest } from "../domain/nearest.ts";
import { isDate } from "../domain/said-time.ts";
import { isZone } from "../domain/wall-time.ts";
import type { Complaints, Path } from "./complaints.ts";
import { DIGEST } from "./shapes.ts";

/** Reads days, times and zones, and the digests, which are little else. */

/** One digest, or a list with one for each channel. */
export function readDigests(value: unknown, channel: string, complaints: Complaints): DigestPlan[] {
  if (value === undefined || value === null) return [];
  const channels = new Set<string>();
  const entries: [Path, unknown][] = Array.isArray(value)
    ? value.map((entry: unknown, index) => [["digest", index], entry])
    : [[["digest"], value]];
  return entries.map(([path, entry]) => {
    const { at = "09:00", days = "mon-fri", ...written } = complaints.parts(DIGEST, entry, path);
    const plan = {
      channel: written.channel ?? channel,
      at,
      zone: readZone(written.zone, [...path, "zone"], complaints),
      days: readDays(days, [...path, "days"], complaints),
    };
    if (channels.has(plan.channel))
      complaints.add(path, `${plan.channel} has two digests.`, "A channel gets one digest a day; keep one.");
    channels.add(plan.channel);
    return plan;
  });
}

/** A zone by its name, UTC where none is given; one that does not exist is noted. */
export function readZone(written: string | undefined, path: Path, complaints: Complaints): string {
  if (written === undefined || isZone(written)) return written ?? "UTC";
  const near = nearest(written, Intl.supportedValuesOf("timeZone"));
  const hint = near === undefined ? "Write it like Europe/Paris." : `Did you mean \`${near}\`?`;
  complaints.add(path, `\`${written}\` is not a time zone.`, hint);
  return written;
}

/** "2026-11-26 18:00" or "fri 17:00"; null, and noted, when there is no such day. */
export function readMoment(written: string | undefined, path: Path, complaints: Complaints): Moment | null {
  const [day, time] = written?.trim().split(/\s+/) ?? [];
  if (day === undefined || time === undefined) return null;
  const at = time.padStart(5, "0");
  if (/^\d/.test(day)) {
    if (isDate(day)) return { on: "date", date: day, at };
    complaints.add(path, `\`${day}\` is no date.`, "Write it like 2026-11-26 18:00.");
    return null;
  }
  const weekday = weekdayOf(day);
  if (weekday > 0) return { on: "weekday", weekday, at };
  complaints.add(path, `\`${day}\` is not a day of the week.`, "Write it like fri 17:00.");
  return null;
}

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** 1 = Monday; 0 for what is no day of the week. */
export function weekdayOf(word: string): number {
  return WEEK.indexOf(word.toLowerCase().slice(0, 3)) + 1;
}

/** "mon-fri", "mon,wed", ["mon", "thu-fri"] → ISO weekdays. */
export function readDays(written: string | readonly string[], path: Path, complaints: Complaints): number[] {
  const parts = [written].flat().flatMap((part) => part.split(","));
  const days = parts.flatMap((part) => {
    const [first, last = first] = part
      .trim()
      .split(/\s*[-–]\s*/)
      .map(weekdayOf);
    if (first === undefined || last === undefined || first < 1 || last < 1) {
      complaints.add(
        path,
        `\`${part.trim()}\` is not a day of the week.`,
        "Write `mon-fri`, or a list such as `[mon, thu]`.",
      );
      return [];
    }
    return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, step) => ((first - 1 + step) % 7) + 1);
  });
  return [...new Set(days)].toSorted((a, b) => a - b);
}
