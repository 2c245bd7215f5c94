import type { Severity } from "../domain/item.ts";
import type { KeptAlert } from "../store/kept-alerts.ts";

/** By how much a batch changed one group, and which of its alerts only tell something and neither begin nor end. */
export type GroupDelta = { firing: number; critical: number; began: number; ended: number; told: KeptAlert[] };

/** What a batch did to each group that it touched, by the fingerprint of the group's item. */
export function deltasOf(kept: readonly KeptAlert[]): Map<string, GroupDelta> {
  const deltas = new Map<string, GroupDelta>();
  function delta(group: string): GroupDelta {
    const found = deltas.get(group) ?? { firing: 0, critical: 0, began: 0, ended: 0, told: [] };
    deltas.set(group, found);
    return found;
  }
  for (const each of kept) {
    const [was, is] = [each.was === "firing", each.state === "firing"];
    const moved = each.wasIn !== null && each.wasIn !== each.itemFingerprint;
    if (was && (!is || moved)) count(delta(each.wasIn ?? each.itemFingerprint), -1, each.wasSeverity);
    if (is && (!was || moved)) count(delta(each.itemFingerprint), 1, each.severity);
    if (is && was && !moved && each.severity !== each.wasSeverity)
      delta(each.itemFingerprint).critical += each.severity === "critical" ? 1 : -1;
    if (each.state === "told") delta(each.itemFingerprint).told.push(each);
    if (each.was === "told" && each.state === "resolved") delta(each.itemFingerprint).ended += 1;
  }
  return deltas;
}

function count(delta: GroupDelta, by: 1 | -1, severity: Severity | null): void {
  delta.firing += by;
  if (severity === "critical") delta.critical += by;
  if (by === 1) delta.began += 1;
  else delta.ended += 1;
}
