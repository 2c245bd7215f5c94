import type { ImageBlock } from "@slack/types";
import { formatShare, formatSize } from "../domain/measures.ts";
import type { Level, Unit } from "../domain/reading.ts";
import { type Message, section } from "./blocks.ts";
import { plain } from "./text.ts";

/** What a check measured in a day, as a picture and as numbers. */

export type Chart = {
  /** The check's key. */
  readonly check: string;
  readonly unit: Unit;
  readonly from: Date;
  readonly to: Date;
  /** Oldest first; at least one. */
  readonly points: readonly { readonly at: Date; readonly level: Level; readonly value: number }[];
};

const FORMAT: Readonly<Record<Unit, (value: number) => string>> = { share: formatShare, bytes: formatSize };

/** Everything that the picture shows, for who does not see it. */
export function chartWords({ check, unit, points }: Chart): string {
  const values = points.map((point) => point.value);
  const say = FORMAT[unit];
  const last = values.at(-1) ?? 0;
  return `The last day of ${check}: ${say(last)} now, between ${say(Math.min(...values))} and ${say(Math.max(...values))}`;
}

/** @param file what was uploaded; null where Slack takes no files from us, and the numbers have to do */
export function chartMessage(chart: Chart, file: string | null): Message {
  const words = chartWords(chart);
  const image: ImageBlock[] = file === null ? [] : [{ type: "image", slack_file: { id: file }, alt_text: words }];
  const text = plain(words, 400);
  return { text, blocks: [section(text), ...image] };
}

export const CHART_WIDTH = 960;
export const CHART_HEIGHT = 300;
const LEFT = 110;
const RIGHT = CHART_WIDTH - 30;
const TOP = 24;
const BOTTOM = CHART_HEIGHT - 44;
const GAP = 16 * 60_000; // ms without a reading after which the line breaks
const MARKED: Readonly<Partial<Record<Level, string>>> = { warning: "#b8860b", critical: "#c1121f" };

/** Only numbers and times of ours are in it: nothing from outside. */
export function chartSvg({ unit, from, to, points }: Chart): string {
  const top = roof(Math.max(...points.map((point) => point.value)), unit);
  const say = FORMAT[unit];
  function x(at: Date): number {
    return round(LEFT + ((at.getTime() - from.getTime()) / (to.getTime() - from.getTime())) * (RIGHT - LEFT));
  }
  function y(value: number): number {
    return round(BOTTOM - (Math.max(value, 0) / top) * (BOTTOM - TOP));
  }
  const lines = [0, 0.5, 1].map((part) => {
    const height = y(part * top);
    return `<path d="M${LEFT} ${height}H${RIGHT}" stroke="#dddddd"/><text x="${LEFT - 12}" y="${height + 6}" text-anchor="end">${say(part * top)}</text>`;
  });
  const hours = sixHours(from, to).map((at) => {
    const label = `${at.toISOString().slice(11, 16)} UTC`;
    return `<path d="M${x(at)} ${BOTTOM}v6" stroke="#888888"/><text x="${x(at)}" y="${BOTTOM + 28}" text-anchor="middle">${label}</text>`;
  });
  const runs = unbroken(points).map((run) => run.map(({ at, value }) => `${x(at)} ${y(value)}`).join("L"));
  const marks = points.flatMap(({ at, level, value }) => {
    const color = MARKED[level];
    if (color === undefined) return [];
    return level === "critical"
      ? [`<rect x="${round(x(at) - 4)}" y="${round(y(value) - 4)}" width="8" height="8" fill="${color}"/>`]
      : [`<circle cx="${x(at)}" cy="${y(value)}" r="4" fill="${color}"/>`];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_WIDTH}" height="${CHART_HEIGHT}" font-family="DejaVu Sans" font-size="17" fill="#444444">`,
    `<rect width="${CHART_WIDTH}" height="${CHART_HEIGHT}" fill="#ffffff"/>`,
    ...lines,
    ...hours,
    ...runs.map(
      (run) =>
        `<path d="M${run}" fill="none" stroke="#1d5fa8" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"/>`,
    ),
    ...marks,
    "</svg>",
  ].join("\n");
}

/** A little above the highest value, and never above the whole of a share. */
function roof(highest: number, unit: Unit): number {
  if (unit === "bytes") return highest > 0 ? highest * 1.1 : 1_000;
  return Math.min(1, Math.max(highest * 1.1, 0.01));
}

function sixHours(from: Date, to: Date): Date[] {
  const step = 6 * 3_600_000;
  const first = Math.ceil(from.getTime() / step) * step;
  const count = Math.floor((to.getTime() - first) / step) + 1;
  const all = Array.from({ length: Math.max(count, 0) }, (_, index) => new Date(first + index * step));
  // One at the very edge has no room for its label.
  const margin = 3_600_000;
  return all.filter((at) => at.getTime() - from.getTime() > margin && to.getTime() - at.getTime() > margin);
}

/** A reading alone is a point: a line of no length with round ends. */
function unbroken(points: Chart["points"]): Chart["points"][] {
  const runs: Chart["points"][number][][] = [];
  let last: Date | null = null;
  for (const point of points) {
    if (last === null || point.at.getTime() - last.getTime() > GAP) runs.push([]);
    runs.at(-1)?.push(point);
    last = point.at;
  }
  return runs.map((run) => (run.length === 1 ? [...run, ...run] : run));
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
