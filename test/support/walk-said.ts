import { fieldsOf, listOf, textOf } from "../../src/local/workspace/json.ts";
import type { EventRow, ItemRow, OperationRow } from "./walk-rows.ts";
import { pressables } from "./slack-text.ts";
import { PERSONS, type Declared, type PersonKey } from "./walk-world.ts";

/** The same facts twice: as a reader takes them from a surface, and as the rows have them. */

export type Facts = Readonly<Record<string, string | null>>;

export type Said = { readonly plain: string; readonly buttons: readonly string[] };

const MOMENT = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;

/** What a card of an item says. */
export function itemSaid({ plain, buttons }: Said): Facts {
  const first = new RegExp(String.raw`^(\S+) \*#(\d+)(?: ([^*]+))?\* · (.*?)(?: · since ${MOMENT})?$`, "m").exec(plain);
  return {
    glyph: first?.[1] ?? null,
    service: first?.[3] ?? null,
    summary: first?.[4] ?? null,
    owner: line(plain, /^Owner: (nobody)|^Owner: (.*)$/m),
    "seen by": line(plain, /^Seen by (.*)$/m),
    snoozed: line(plain, /^💤 Snoozed until (.*)$/m),
    due: line(plain, /^(Due .*|Takes op-.* back by itself .*)$/m),
    resolved: line(
      plain,
      new RegExp(String.raw`^Resolved (${MOMENT} (?:by itself|by [^:.]+)(?:: .*?)?)\. (?:Nobody|[^.]*? had it)`, "m"),
    ),
    operations: [...plain.matchAll(/^\S+ (op-\d+) .* · ([^·]+)$/gm)].map(([, op, said]) => `${op}: ${said}`).join(", "),
    buttons: buttons.filter((each) => !/^(Restart|Roll back|Scale)/.test(each)).join(", "),
  };
}

/** What it should say. */
export function itemHeld(row: ItemRow, operations: readonly OperationRow[], { people }: Declared): Facts {
  const of = operations
    .filter((each) => each.item === row.id)
    .toReversed()
    .slice(0, 5);
  const shared = {
    service: row.service,
    summary: shown(row.summary),
    operations: of.map((each) => `op-${each.id}: ${STATES[each.state] ?? each.state}`).join(", "),
  };
  if (row.state === "resolved") {
    const by = row.resolvedBy === null ? "by itself" : `by ${nameOf(row.resolvedBy)}`;
    return {
      ...shared,
      glyph: "✅",
      owner: null,
      "seen by": null,
      snoozed: null,
      due: null,
      buttons: "",
      resolved: `${row.resolvedAt} ${by}${row.resolution === null ? "" : `: ${shown(row.resolution)}`}`,
    };
  }
  const asks = row.state === "snoozed" ? "" : `; asks again ${row.acknowledgedUntil}`;
  const byOwner = row.acknowledgedBy !== null && row.ownerPerson === row.acknowledgedBy;
  return {
    ...shared,
    glyph: row.state === "snoozed" ? "💤" : { warning: "🟡", critical: "🔴" }[row.severity],
    owner: ownerHeld(row, byOwner, asks, people),
    "seen by":
      row.acknowledgedBy === null || byOwner
        ? null
        : `${nameOf(row.acknowledgedBy)} ${row.acknowledgedAt}, not theirs${asks}`,
    snoozed: row.state === "snoozed" ? row.snoozedUntil : null,
    due: dueHeld(row),
    resolved: null,
    buttons: buttonsHeld(row).join(", "),
  };
}

function dueHeld({ dueAt, reverses }: ItemRow): string | null {
  if (dueAt === null) return null;
  return reverses === null ? `Due ${dueAt}` : `Takes op-${reverses} back by itself ${dueAt}`;
}

function ownerHeld(row: ItemRow, byOwner: boolean, asks: string, people: readonly PersonKey[]): string {
  if (row.ownerPerson === null && row.ownerTeam === null) return "nobody";
  const who = row.ownerPerson === null ? `@team-${row.ownerTeam}` : mentionOf(row.ownerPerson, people);
  if (row.ownedSince === null) return `${who} (has not taken it yet)`;
  return byOwner
    ? `${who} (took it ${row.ownedSince}${asks})`
    : `${who} (since ${row.ownedSince}, has not said so yet)`;
}

function buttonsHeld(row: ItemRow): string[] {
  if (row.reverses !== null)
    return [
      "Extend…",
      "Keep it…",
      "Take it back now",
      ...(row.acknowledgedBy === null ? ["Seen"] : []),
      "Hand off…",
      "Note…",
    ];
  const taken = row.ownerPerson !== null && row.ownedSince !== null;
  return [
    ...(taken ? [] : ["Take it"]),
    ...(row.acknowledgedBy === null ? [taken ? "I have it" : "Seen, not mine"] : []),
    "Resolve…",
    "Snooze…",
    "Hand off…",
    "Note…",
  ];
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
  expired: "not approved in time",
  cancelled: "cancelled",
};

/** What a card of an operation says. */
export function operationSaid({ plain, buttons }: Said): Facts {
  const asked = new RegExp(String.raw`^Asked by (.*) (${MOMENT})(.*)$`, "m").exec(plain);
  return {
    "asked by": asked?.[1] ?? null,
    "asked at": asked?.[2] ?? null,
    item: line(plain, /^Asked by .* for (#\d+)/m),
    decisions: [
      ...plain.matchAll(new RegExp(String.raw`^(?:👍|🚫) (.*?) (approved|denied) (${MOMENT})(?:: .*)?$`, "gm")),
    ]
      .map(([, who, verdict, at]) => `${who} ${verdict} ${at}`)
      .join(", "),
    ended: line(plain, new RegExp(String.raw`^\*.*\*.* · (${MOMENT})$`, "m")),
    buttons: buttons.join(", "),
  };
}

export function operationHeld(row: OperationRow): Facts {
  return {
    "asked by": nameOf(row.requestedBy),
    "asked at": row.requestedAt,
    item: row.item === null ? null : `#${row.item}`,
    decisions:
      row.state === "planning"
        ? ""
        : row.decisions.map(({ person, verdict, at }) => `${nameOf(person)} ${verdict} ${at}`).join(", "),
    ended: row.finishedAt,
    buttons: operationButtons(row).join(", "),
  };
}

function operationButtons({ state, cancelAsked, needsPerson }: OperationRow): string[] {
  if (needsPerson) return ["Look again", "It happened", "It did not", "Stop here"];
  if (state === "awaiting_approval") return ["Approve", "Deny…", "Cancel"];
  return state === "planning" || state === "queued" || (state === "running" && !cancelAsked) ? ["Cancel"] : [];
}

/** As the catalog in force calls them, or last did: people leave, and what they did stays theirs. */
export function nameOf(key: string): string {
  return Object.entries(PERSONS).find(([each]) => each === key)?.[1].name ?? key;
}

function mentionOf(key: string, people: readonly PersonKey[]): string {
  return people.some((each) => each === key) ? `@${key}` : nameOf(key);
}

/** Text from outside as Slack shows it: what would be markup stands there as a lookalike. */
export function shown(text: string): string {
  return text.replaceAll("*", "∗").replaceAll("`", "‵");
}

export function whoDid({ person, account }: EventRow, accounts: ReadonlyMap<string, string>): string {
  if (person !== null) return nameOf(person);
  return account === null ? "Daytwo" : `@${accounts.get(account) ?? account}`;
}

/** The rows of a list or of Home: what they say of an item, and what can be pressed beside them. */
export function rowsSaid(raw: unknown): { id: number; text: string; buttons: string[] }[] {
  return listOf(raw)
    .map(fieldsOf)
    .flatMap((block) => {
      const text = textOf(fieldsOf(block["text"])["text"]);
      const id = /^\S+ \*#(\d+)/.exec(text)?.[1];
      return id === undefined ? [] : [{ id: Number(id), text, buttons: pressables([block]).map((each) => each.label) }];
    });
}

function line(plain: string, pattern: RegExp): string | null {
  const found = pattern.exec(plain);
  return found?.slice(1).find((group) => group !== undefined) ?? null;
}

export function differ(surface: string, said: Facts, held: Facts): string[] {
  return Object.keys(held).flatMap((fact) =>
    (said[fact] ?? null) === held[fact]
      ? []
      : [`${surface}: ${fact} is “${said[fact] ?? "not said"}”, and “${held[fact] ?? "nothing"}” in the row`],
  );
}
