import type { Action, Plan, Risk } from "../domain/action.ts";
import { formatDuration } from "../domain/measures.ts";
import type { Operation, OperationState } from "../domain/operation.ts";
import { joined, plain } from "./text.ts";

/** How operations are said in one line, the same on every card and list. */

export const ACTION_LABELS: Readonly<Record<Action, string>> = {
  scale: "Scale",
  rollback: "Roll back",
  restart: "Restart",
  "renew-cert": "Renew certificate",
  pause: "Pause rollouts",
  resume: "Resume rollouts",
  backup: "Back up",
  maintenance: "Maintenance mode",
  reboot: "Reboot",
  patch: "Apply update",
  end: "End session",
  run: "Run",
};

export const RISK_WORDS: Readonly<Record<Risk, string>> = {
  read: "only looks",
  low: "low risk",
  high: "high risk",
  destructive: "cannot be undone",
};

/** " · high risk"; nothing before there is a plan. */
export function riskWords({ plan }: Operation): string {
  return plan === null ? "" : ` · ${RISK_WORDS[plan.risk]}`;
}

export const STATE_WORDS: Readonly<Record<OperationState, { readonly glyph: string; readonly words: string }>> = {
  planning: { glyph: "🔎", words: "looking, and drawing the plan" },
  awaiting_approval: { glyph: "⏳", words: "waits for approval" },
  queued: { glyph: "🕓", words: "waits for its turn" },
  running: { glyph: "▶️", words: "running" },
  succeeded: { glyph: "✅", words: "done" },
  failed: { glyph: "❌", words: "failed" },
  reverted: { glyph: "↩️", words: "failed and was taken back" },
  closed_unknown: { glyph: "❔", words: "closed, and how it ended is not known" },
  refused: { glyph: "⛔", words: "not run" },
  denied: { glyph: "🚫", words: "denied" },
  expired: { glyph: "⌛", words: "not run in time" },
  cancelled: { glyph: "✋", words: "cancelled" },
};

/** "Roll back shop v142 → v141", and before there is a plan "Roll back shop/web". */
function operationTitle({ plan, action, target, service, arguments: { sequence } }: Operation): string {
  if (plan === null && sequence !== undefined) return `Run ${plain(sequence, 40)} on ${plain(service, 40)}`;
  return plan === null ? `${ACTION_LABELS[action]} ${plain(target, 80)}` : plain(plan.title, 140);
}

/** "op-17 Roll back shop v142 → v141". */
export function operationName(operation: Operation): string {
  return `op-${operation.id} ${operationTitle(operation)}`;
}

/** "✅ op-17 Roll back shop v142 → v141 · done". */
export function operationLine(operation: Operation): string {
  const { glyph, words } = STATE_WORDS[operation.state];
  return `${glyph} ${operationName(operation)} · ${words}`;
}

/** "release v142 → v141; about 90 seconds". */
export function changesOf(plan: Plan): string {
  const changes = Object.entries(plan.changes).map(
    ([label, [before, after]]) => `${plain(label, 40)} ${plain(before, 80)} → ${plain(after, 80)}`,
  );
  const takes = plan.takes === undefined ? [] : [`about ${formatDuration(plan.takes)}`];
  return joined([...changes, ...takes], "; ");
}
