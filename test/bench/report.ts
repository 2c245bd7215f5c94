import { isDeepStrictEqual } from "node:util";
import type { Result, Spread } from "./rounds.ts";
import type { Goal, Unit } from "./scenario.ts";

/** What a run found, for people. Pure. */

export type Report = {
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly isQuick: boolean;
  readonly results: readonly Result[];
};

/** All figures, under which conditions they hold, and what was done for each. */
export function markdown(report: Report): string {
  return [
    table(report, (result) => [...judgedRows(result), ...otherRows(result)]),
    "",
    ...report.results.map((result) => `- **${result.name}**: ${result.sentence}${notes(result)}`),
  ].join("\n");
}

/** The figures that have a goal, met or not. */
export function goals(report: Report): string {
  return table(report, judgedRows);
}

/** The documents that show figures, by their paths in the repository. */
export const SHOWN = { "README.md": goals, "docs/speed.md": markdown } as const;

function table(report: Report, rows: (result: Result) => string[][]): string {
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const quick = report.isQuick ? " A quick run: it shows that everything works, and claims nothing." : "";
  return [
    `Measured on ${report.machine}, with ${versions.join(", ")}. Median of the rounds, least to most in brackets.${quick}`,
    "",
    ...aligned([["what", "Daytwo", "peer", "ratio", "goal", "met"], ...report.results.flatMap(rows)]),
  ].join("\n");
}

/** A table as the formatter leaves it: every column as wide as its widest cell. */
function aligned(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const [head = "", ...lines] = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines];
}

const MARKS = ["<!-- figures: npm run bench -- --write -->", "<!-- end of figures -->"] as const;

/** The document with its figures replaced by these. @throws Error when it has no place for them */
export function withFigures(document: string, text: string): string {
  const [from, to] = MARKS.map((mark) => document.indexOf(mark));
  if (from === undefined || to === undefined || from === -1 || to < from)
    throw new Error(`the document has no ${MARKS[0]}`);
  return `${document.slice(0, from + MARKS[0].length)}\n\n${text}\n\n${document.slice(to)}`;
}

function judgedRows(result: Result): string[][] {
  const ours = oursIn(result);
  return result.verdicts.map(({ figure, against, ratio, isMet, ...goal }) => {
    const met = isMet ? "yes" : "no";
    return row(result, figure, [
      shown(result, ours, figure),
      against === undefined ? "" : `${shown(result, against, figure)} (${against})`,
      `${number(ratio.median)} [${number(ratio.least)}–${number(ratio.most)}]`,
      goalWords(goal, against === undefined ? result.units[figure] : undefined),
      result.wrong.length > 0 ? "void" : met,
    ]);
  });
}

function otherRows(result: Result): string[][] {
  const ours = oursIn(result);
  const judged = new Set(result.verdicts.map(({ figure }) => figure));
  return Object.keys(result.figures[ours] ?? {})
    .filter((figure) => !judged.has(figure))
    .map((figure) => row(result, figure, [shown(result, ours, figure), peers(result, ours, figure), "", "", ""]));
}

function oursIn({ figures }: Result): string {
  return Object.keys(figures)[0] ?? "";
}

/** What was promised, as the table says it. */
export function goalWords({ atLeast, atMost }: Pick<Goal, "atLeast" | "atMost">, unit?: Unit): string {
  return [...(atLeast === undefined ? [] : [`≥ ${atLeast}`]), ...(atMost === undefined ? [] : [`≤ ${atMost}`])]
    .map((words) => (unit === undefined ? words : `${words} ${unit}`))
    .join(", ");
}

function row({ name }: Result, figure: string, cells: readonly string[]): string[] {
  return [`${name}: ${figure}`, ...cells];
}

function peers(result: Result, ours: string, figure: string): string {
  return Object.keys(result.figures)
    .filter((name) => name !== ours && result.figures[name]?.[figure] !== undefined)
    .map((name) => `${shown(result, name, figure)} (${name})`)
    .join(", ");
}

function shown(result: Result, name: string, figure: string): string {
  const spread = result.figures[name]?.[figure];
  return spread === undefined ? "" : withUnit(spread, result.units[figure]);
}

function withUnit({ median }: Spread, unit: Unit | undefined): string {
  if (unit === undefined) return number(median);
  return unit === "/s" ? `${number(median)}/s` : `${number(median)} ${unit}`;
}

/** Three digits are more than such a figure is worth. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return Number(value.toFixed(Math.min(digits, 3))).toLocaleString("en-US");
}

/**
 * What was kept, with what is measured anew in its place.
 * @throws Error when it was not measured on the same machine with the same versions
 */
export function merged(kept: Report, { results, ...under }: Report, order: readonly string[]): Report {
  const { results: before, ...underBefore } = kept;
  if (!isDeepStrictEqual(under, underBefore))
    throw new Error("The figures that are kept are of another machine or of other versions: measure everything.");
  const all = new Map([...before, ...results].map((result) => [result.name, result]));
  return { ...under, results: order.flatMap((name) => all.get(name) ?? []) };
}

function notes({ rounds, on, disturbed, wrong }: Result): string {
  const busy = disturbed === 0 ? "" : `; in ${disturbed} of them the machine was busy with more than this`;
  const bad = wrong.length === 0 ? "" : ` **Void**: ${wrong.slice(0, 5).join("; ")}.`;
  return ` ${rounds} rounds on ${on}${busy}.${bad}`;
}
