import type { Defect } from "./defects.ts";
import { INVARIANTS, type Violation } from "./invariants.ts";
import type { Result } from "./result.ts";

/** What a run found, for people. Pure. */
export function report(result: Result, asked: { readonly short: boolean; readonly defect: Defect | null }): string {
  const { kills, starts, violations } = result;
  return [
    `Chaos, ${result.form} form: ${result.took} s, ${starts.count} processes started, each in about ${(starts.median / 1_000).toFixed(1)} s.`,
    "",
    `Kills       ${kills.all}, of which ${kills.withOpenIntent} with an open intent (${percent(kills.withOpenIntent, kills.all)})`,
    `  at        ${counts(kills.at) || "no failpoint"}`,
    `Faults      ${counts({ ...result.faults, "commits cut in fact": result.commitsCut }) || "none"}`,
    `Operations  ${counts(result.operations) || "not counted"}; ${result.effects} effects on the far side`,
    `Compared    ${counts(result.compared)}`,
    "",
    ...(asked.defect === null ? invariants(violations) : caught(asked.defect, violations)),
    ...(violations.length === 0 ? [] : ["", ...evidence(violations)]),
    "",
    ...(result.void.length === 0 ? [] : [`VOID, so it shows nothing: ${result.void.join("; ")}.`]),
    `The same chance again: npm run chaos -- ${again(asked)}--seed ${result.seed}`,
  ].join("\n");
}

function again({ short, defect }: { readonly short: boolean; readonly defect: Defect | null }): string {
  if (defect !== null) return `--defect ${defect.name} `;
  return short ? "--short " : "";
}

/** Each invariant as a line: held, or how often it broke. */
function invariants(violations: readonly Violation[]): string[] {
  const unique = new Map(INVARIANTS.map((each) => [each.id, each]));
  return [...unique.values()].map(({ id, name, says }) => {
    const broken = violations.filter(({ invariant }) => invariant === `${id} ${name}`).length;
    return `${broken === 0 ? "held  " : "BROKEN"}  ${`${id} ${name}`.padEnd(22)}  ${says}${broken === 0 ? "" : ` (${broken})`}`;
  });
}

function caught({ name, says, breaks }: Defect, violations: readonly Violation[]): string[] {
  const isCaught = violations.some(({ invariant }) => invariant === breaks);
  return [
    `Defect      ${name}: ${says}`,
    isCaught ? `BROKEN      ${breaks}` : `NOT CAUGHT: ${breaks} should have broken`,
  ];
}

const SHOWN = 12; // violations

function evidence(violations: readonly Violation[]): string[] {
  return [
    ...violations
      .slice(0, SHOWN)
      .flatMap(({ invariant, what, evidence: lines }) => [
        `${invariant}: ${what}`,
        ...lines.map((line) => `    ${line}`),
      ]),
    ...(violations.length > SHOWN ? [`and ${violations.length - SHOWN} more`] : []),
  ];
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${Math.round((100 * part) / whole)} %`;
}
