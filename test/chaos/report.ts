import { INVARIANTS, type Violation } from "./invariants.ts";
import type { Result } from "./result.ts";

/** What a run found, for people. Pure. */
export function report(result: Result): string {
  const { kills, violations } = result;
  return [
    `Seed ${result.seed}, ${result.form} form, ${result.took} s.`,
    `Killed ${kills.all} processes, ${kills.withOpenIntent} of them (${percent(kills.withOpenIntent, kills.all)}) with an open intent; at failpoints: ${counts(kills.at) || "none"}.`,
    `Besides: ${counts(result.faults)}; ${result.commitsCut} commits cut.`,
    `${result.effects} effects. Operations: ${counts(result.operations)}.`,
    `Compared: ${counts(result.compared)}.`,
    "",
    ...(violations.length === 0 ? held() : broken(violations)),
    ...(result.void.length === 0 ? [] : ["", `VOID: ${result.void.join("; ")}. It shows nothing.`]),
  ].join("\n");
}

function held(): string[] {
  const unique = new Map(INVARIANTS.map((each) => [each.id, each]));
  return ["Every invariant held:", ...[...unique.values()].map(({ id, name, says }) => `  ${id} ${name}: ${says}`)];
}

const SHOWN = 12; // violations

function broken(violations: readonly Violation[]): string[] {
  const names = [...new Set(violations.map(({ invariant }) => invariant))].toSorted();
  return [
    `BROKEN: ${names.join(", ")}`,
    ...violations
      .slice(0, SHOWN)
      .flatMap(({ invariant, what, evidence }) => [
        `  ${invariant}: ${what}`,
        ...evidence.map((line) => `      ${line}`),
      ]),
    ...(violations.length > SHOWN ? [`  and ${violations.length - SHOWN} more`] : []),
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
