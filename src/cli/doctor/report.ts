import type { Finding, Verdict } from "./finding.ts";

const MARKS: Readonly<Record<Verdict, string>> = { well: "✅", doubtful: "⚠️", ill: "❌", unexamined: "–" };

export type Section = { readonly name: string; readonly findings: readonly Finding[] };

/** What `daytwo doctor` prints: a line for each finding, its next step beneath it. */
export function report(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ name, findings }) => [name, ...findings.flatMap(linesOf), ""]);
  return [...lines, summary(sections), ""].join("\n");
}

/** 0 when nothing is ill. */
export function exitCode(sections: readonly Section[]): 0 | 1 {
  return count(sections, "ill") === 0 ? 0 : 1;
}

function linesOf({ verdict, sentence, next }: Finding): string[] {
  const line = `  ${MARKS[verdict].padEnd(2)} ${clean(sentence)}`;
  return next === undefined ? [line] : [line, `     → ${clean(next)}`];
}

/** One line stays one line, whatever a server has sent. */
function clean(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}

function summary(sections: readonly Section[]): string {
  const [broken, doubts] = [count(sections, "ill"), count(sections, "doubtful")];
  if (broken === 0 && doubts === 0) return "Nothing stands in the way.";
  const parts = [
    ...(broken === 0 ? [] : [`${broken} to put right`]),
    ...(doubts === 0 ? [] : [`${doubts} to think about`]),
  ];
  return `${parts.join(", ")}.`;
}

function count(sections: readonly Section[], verdict: Verdict): number {
  return sections.flatMap(({ findings }) => findings).filter((finding) => finding.verdict === verdict).length;
}
