import type { Card } from "./item.ts";
import { aloneOf, approversOf, differ, line, mentionOf, MOMENT, nameOf, shown, type Facts } from "./names.ts";
import type { OperationRow, Rows } from "./rows.ts";
import type { Declared } from "./world.ts";

/** The card of an operation: the facts that a reader takes from it, and the same from its row. */

export function operationDiffers(
  surface: string,
  card: Card,
  row: OperationRow,
  rows: Rows,
  declared: Declared,
): string[] {
  return differ(surface, operationSaid(card), operationHeld(row, rows, declared));
}

const DECIDED = { approved: "👍 approved", denied: "🚫 denied", alone: "⚠️ went alone, without an approval," } as const;

function operationSaid({ plain, buttons }: Card): Facts {
  const asked = new RegExp(String.raw`^Asked by (.*) (${MOMENT})(.*)$`, "m").exec(plain);
  const needs = new RegExp(String.raw`^Needs (.*) · valid until (${MOMENT})$`, "m").exec(plain);
  const decided = new RegExp(
    String.raw`^(👍|🚫|⚠️) (\S+) (approved|denied|went alone, without an approval,) (${MOMENT})(?:: .*)?$`,
    "gmu",
  );
  return {
    title: line(plain, /^\S+ \*(op-\d+ [^*]*)\*/),
    "asked by": asked?.[1] ?? null,
    "asked at": asked?.[2] ?? null,
    item: line(plain, /^Asked by .* for (#\d+)/m),
    despite: line(plain, /^Despite .*?: (.*)$/m),
    decisions: [...plain.matchAll(decided)]
      .map(([, glyph, who, verdict, at]) => `${who} ${glyph} ${verdict} ${at}`)
      .join(", "),
    needs: needs?.[1] ?? null,
    until: needs?.[2] ?? null,
    later: line(plain, /^Asks (.* too at .*)$/m),
    alone: line(plain, /^Nobody has answered: (.*), on call, may go alone with a reason$/m),
    ended: line(plain, new RegExp(String.raw`^\*.*\*.* · (${MOMENT})$`, "m")),
    buttons: buttons.join(", "),
  };
}

function operationHeld(row: OperationRow, rows: Rows, declared: Declared): Facts {
  const alone = row.aloneOpen ? aloneOf(row.service, rows, declared) : [];
  return {
    title: titleOf(row),
    "asked by": nameOf(row.requestedBy),
    "asked at": row.requestedAt,
    item: row.item === null ? null : `#${row.item}`,
    despite: row.title === null || row.despite === null || ENDED_WELL.has(row.state) ? null : shown(row.despite),
    decisions:
      row.state === "planning"
        ? ""
        : row.decisions.map(({ person, verdict, at }) => `${nameOf(person)} ${DECIDED[verdict]} ${at}`).join(", "),
    ...(row.state === "awaiting_approval" ? needsHeld(row, declared) : { needs: null, until: null, later: null }),
    alone: alone.map((key) => mentionOf(key, declared.people)).join(", ") || null,
    ended: row.finishedAt,
    buttons: buttonsHeld(row, alone.length > 0).join(", "),
  };
}

/** These say what changed, and no more why it was let through. */
const ENDED_WELL: ReadonlySet<string> = new Set(["planning", "succeeded", "failed", "reverted", "closed_unknown"]);

const LABELS: Readonly<Record<string, string>> = {
  scale: "Scale",
  rollback: "Roll back",
  restart: "Restart",
  run: "Run",
};

/** "op-17 Roll back shop v142 → v141". */
export function titleOf({ id, title, action, target }: OperationRow): string {
  return `op-${id} ${title === null ? `${LABELS[action]} ${target}` : shown(title)}`;
}

/** Whose approval is missing: of those who were asked, and of those whose turn comes later. */
function needsHeld(row: OperationRow, declared: Declared): Facts {
  const approvers = approversOf(row.service, row.requestedBy, declared);
  const given = row.decisions.filter(
    ({ person, verdict, planHash }) =>
      verdict === "approved" && planHash === row.planHash && approvers.some((key) => key === person),
  );
  const missing = row.approvals - given.length;
  const open = approvers.filter((key) => !row.decisions.some(({ person }) => person === key));
  const at = new Map(row.asked.map((each) => [each.person, each.at]));
  const later = row.restAt === null ? [] : open.filter((key) => !at.has(key));
  const now = open.filter((key) => !later.includes(key));
  const of = now.length <= missing ? "" : `${missing === 1 ? "one" : missing} of `;
  const some = `${missing} approval${missing === 1 ? "" : "s"}`;
  const nobody = `${some}, and nobody else may give it: an admin can name an approver in the catalog`;
  const moments = [...new Set(now.map((key) => at.get(key) ?? "never"))].toSorted();
  const named = moments.map((moment) => {
    const who = now.filter((key) => (at.get(key) ?? "never") === moment).map((key) => mentionOf(key, declared.people));
    return `${who.join(", ")}${moment === "never" ? "" : ` (messaged ${moment})`}`;
  });
  const asked = now.length === 0 ? some : `${of}${named.join(", ")}`;
  return {
    needs: open.length === 0 ? nobody : asked,
    until: row.expiresAt,
    later: later.length === 0 ? null : `${later.map(nameOf).join(", ")} too at ${row.restAt}`,
  };
}

function buttonsHeld({ state, cancelAsked, needsPerson }: OperationRow, alone: boolean): string[] {
  if (needsPerson) return ["Look again", "It happened", "It did not", "Stop here"];
  if (state === "awaiting_approval") return ["Approve", "Deny…", ...(alone ? ["Go alone…"] : []), "Cancel"];
  return state === "planning" || state === "queued" || (state === "running" && !cancelAsked) ? ["Cancel"] : [];
}
