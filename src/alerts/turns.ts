import type { Severity } from "../domain/item.ts";
import type { KeptAlert } from "../store/kept-alerts.ts";

/** What a batch did to one group. */
export type Turn = { firing: number; critical: number; began: number; ended: number; told: KeptAlert[] };

export function turnsOf(kept: readonly KeptAlert[]): Map<string, Turn> {
  const turns = new Map<string, Turn>();
  function turn(group: string): Turn {
    const found = turns.get(group) ?? { firing: 0, critical: 0, began: 0, ended: 0, told: [] };
    turns.set(group, found);
    return found;
  }
  for (const each of kept) {
    const [was, is] = [each.was === "firing", each.state === "firing"];
    const moved = each.wasIn !== null && each.wasIn !== each.itemFingerprint;
    if (was && (!is || moved)) count(turn(each.wasIn ?? each.itemFingerprint), -1, each.wasSeverity);
    if (is && (!was || moved)) count(turn(each.itemFingerprint), 1, each.severity);
    if (is && was && !moved && each.severity !== each.wasSeverity)
      turn(each.itemFingerprint).critical += each.severity === "critical" ? 1 : -1;
    if (each.state === "told") turn(each.itemFingerprint).told.push(each);
    if (each.was === "told" && each.state === "resolved") turn(each.itemFingerprint).ended += 1;
  }
  return turns;
}

function count(turn: Turn, by: 1 | -1, severity: Severity | null): void {
  turn.firing += by;
  if (severity === "critical") turn.critical += by;
  if (by === 1) turn.began += 1;
  else turn.ended += 1;
}
