import { differ, dutyOf, line, mentionOf, MOMENT, nameOf, shown, type Facts } from "./names.ts";
import type { ItemRow, Rows } from "./rows.ts";
import type { Declared } from "./world.ts";

/** The card of an item: the facts that a reader takes from it, and the same from its row. */

export type Card = { readonly plain: string; readonly buttons: readonly string[] };

export function itemDiffers(surface: string, card: Card, row: ItemRow, rows: Rows, declared: Declared): string[] {
  return differ(surface, itemSaid(card), itemHeld(row, rows, declared));
}

function itemSaid({ plain, buttons }: Card): Facts {
  const first = new RegExp(String.raw`^(\S+) \*#(\d+)(?: ([^*]+))?\* · (.*?)(?: · since ${MOMENT})?$`, "m").exec(plain);
  return {
    glyph: first?.[1] ?? null,
    service: first?.[3] ?? null,
    summary: first?.[4] ?? null,
    owner: line(plain, /^Owner: (.*)$/m),
    "seen by": line(plain, /^Seen by (.*)$/m),
    snoozed: line(plain, /^💤 Snoozed until (.*)$/m),
    due: line(plain, /^(Due .*|Takes op-.* back by itself .*)$/m),
    resolved: line(
      plain,
      new RegExp(String.raw`^Resolved (${MOMENT} (?:by itself|by [^:.]+)(?:: .*?)?)\. (?:Nobody|[^.]*? had it)`, "m"),
    ),
    operations: [...plain.matchAll(/^\S+ (op-\d+) .* · ([^·\n]+)$/gm)]
      .map(([, op, said]) => `${op}: ${said}`)
      .join(", "),
    buttons: buttons.join(", "),
  };
}

function itemHeld(row: ItemRow, rows: Rows, declared: Declared): Facts {
  const of = rows.operations
    .filter((each) => each.item === row.id)
    .toReversed()
    .slice(0, 5);
  const shared = {
    glyph: glyphOf(row),
    service: row.service,
    summary: shown(row.summary),
    operations: of.map((each) => `op-${each.id}: ${STATES[each.state] ?? each.state}`).join(", "),
  };
  const nothing = { owner: null, "seen by": null, snoozed: null, due: null, resolved: null };
  if (row.state === "resolved") {
    const by = row.resolvedBy === null ? "by itself" : `by ${nameOf(row.resolvedBy)}`;
    const why = row.resolution === null ? "" : `: ${shown(row.resolution)}`;
    return { ...shared, ...nothing, buttons: "", resolved: `${row.resolvedAt} ${by}${why}` };
  }
  const asks = row.state === "snoozed" ? "" : `; asks again ${row.acknowledgedUntil}`;
  const byOwner = row.acknowledgedBy !== null && row.ownerPerson === row.acknowledgedBy;
  const seen =
    row.acknowledgedBy === null || byOwner
      ? null
      : `${nameOf(row.acknowledgedBy)} ${row.acknowledgedAt}, not theirs${asks}`;
  return {
    ...shared,
    ...nothing,
    owner: ownerHeld(row, byOwner ? `took it ${row.ownedSince}${asks}` : null, rows, declared),
    "seen by": seen,
    snoozed: row.state === "snoozed" ? row.snoozedUntil : null,
    due: dueHeld(row),
    buttons: buttonsHeld(row, rows, declared).join(", "),
  };
}

export function glyphOf({ state, severity }: ItemRow): string {
  if (state === "resolved") return "✅";
  return state === "snoozed" ? "💤" : { warning: "🟡", critical: "🔴" }[severity];
}

function dueHeld({ dueAt, reverses }: ItemRow): string | null {
  if (dueAt === null) return null;
  return reverses === null ? `Due ${dueAt}` : `Takes op-${reverses} back by itself ${dueAt}`;
}

function ownerHeld(row: ItemRow, took: string | null, rows: Rows, declared: Declared): string {
  const { service, responsibility, ownerPerson, ownerTeam, ownedSince } = row;
  if (ownerPerson === null && ownerTeam === null) {
    const duty = dutyOf(service ?? "", responsibility, rows, declared);
    const where = `${responsibility} of ${service}`;
    if (duty === null) return `nobody, and nobody is named for ${where}`;
    return `nobody yet; ${"person" in duty ? `@${duty.person}` : `@team-${duty.team}`} answers for ${where}`;
  }
  const who = ownerPerson === null ? `@team-${ownerTeam}` : mentionOf(ownerPerson, declared.people);
  if (ownedSince === null) return `${who} (has not taken it yet)`;
  return `${who} (${took ?? `since ${ownedSince}, not confirmed yet`})`;
}

/** As many as Slack shows: two buttons, and five choices. */
const CHOICES = 7;

function buttonsHeld(row: ItemRow, rows: Rows, declared: Declared): string[] {
  const last = ["Hand off…", "Note…"];
  if (row.reverses !== null) {
    const seen = row.acknowledgedBy === null ? ["Seen"] : [];
    return ["Extend…", "Keep it…", "Take it back now", ...seen, ...last];
  }
  const taken = row.ownerPerson !== null && row.ownedSince !== null;
  const seen = taken ? "I have it" : "Seen, not mine";
  const first = [...(taken ? [] : ["Take it"]), ...(row.acknowledgedBy === null ? [seen] : [])];
  const noise = row.fingerprint.startsWith("alone/") ? [] : ["Noise…"];
  const rest = ["Resolve…", "Snooze…", "Hand off…", ...noise];
  const acts = actsHeld(row, rows, declared).slice(0, Math.max(1, CHOICES - first.length - rest.length - 1));
  const hold = row.acknowledgedBy === null ? "Seen for…" : "Hold it for…";
  const extra = ["Note…", hold, ...(taken ? ["Give it back"] : [])];
  return [...first, ...acts, ...rest, ...extra].slice(0, CHOICES);
}

/** Which actions help with what falls due here; a task where its service has one, first where it is for that. */
const HELPS: Readonly<Record<string, readonly string[]>> = {
  releases: ["rollback", "restart"],
  scaling: ["scale"],
  "disk-and-logs": ["restart"],
};

function actsHeld({ service, origin, fingerprint, responsibility }: ItemRow, rows: Rows, declared: Declared): string[] {
  const isDeclared = declared.services.some((each) => each === service);
  if (!isDeclared || origin === "reversal" || fingerprint.startsWith("alone/")) return [];
  const seen = rows.observations.find((each) => each.target === `${service}/web`)?.body;
  const at = seen?.releases.findIndex((each) => each.release === seen.release) ?? -1;
  const before = at === -1 ? undefined : seen?.releases[at + 1];
  const labels = (HELPS[responsibility] ?? []).map(
    (action) =>
      ({
        rollback: before === undefined ? "Roll back…" : `Roll back to ${before.release}…`,
        restart: "Restart…",
      })[action] ?? "Scale…",
  );
  const task = service === "shop" ? ["Run wipe…"] : [];
  return responsibility === "disk-and-logs" ? [...task, ...labels] : [...labels, ...task];
}

export const STATES: Readonly<Record<string, string>> = {
  planning: "looking, and drawing the plan",
  awaiting_approval: "waits for approval",
  queued: "waits for its turn",
  running: "running",
  succeeded: "done",
  failed: "failed",
  reverted: "failed and was taken back",
  closed_unknown: "closed, and how it ended is not known",
  refused: "not run",
  denied: "denied",
  expired: "not run in time",
  cancelled: "cancelled",
};
