import type { Seen } from "../support/slack.ts";
import { differ, whoDid, type Facts } from "./names.ts";
import type { EventRow, ItemRow, PostingRow, Rows } from "./rows.ts";
import type { Walk } from "./world.ts";

/** What the record says: in the audit as everybody reads it, in threads, and as the history that rows must come from. */

/** The messages that were found, by their ts. */
export type Places = ReadonlyMap<string, Seen>;

/** The audit of every item and operation: each event, once, in order, by whom; and each line of its thread among them. */
export async function audits(walk: Walk, rows: Rows, places: Places): Promise<string[]> {
  const accounts = new Map(walk.people.map(({ account, name }) => [account, name]));
  const subjects = [
    ...rows.items.map(({ id }) => ({
      name: `#${id}`,
      of: (event: EventRow) =>
        event.item === id || rows.operations.some((each) => each.item === id && each.id === event.operation),
    })),
    ...rows.operations.map(({ id }) => ({ name: `op-${id}`, of: (event: EventRow) => event.operation === id })),
  ];
  const found: string[] = [];
  for (const { name, of } of subjects) {
    const events = rows.events.filter(of);
    const { plain } = await walk.as("rae").asks(`/day2 audit ${name}`);
    const lines = plain
      .split("\n")
      .filter((each) => /^\d{4}-\d\d-\d\d /.test(each))
      .toReversed();
    const shown = events.slice(-lines.length);
    const count = /\((\d+)\)$/m.exec(plain)?.[1] ?? "0";
    found.push(...differ(`/day2 audit ${name}`, { count }, { count: `${events.length}` }));
    shown.forEach((event, index) => {
      const line = lines[index] ?? "";
      if (!line.startsWith(event.at))
        found.push(`/day2 audit ${name}: “${line}” is where ${event.kind} of ${event.at} should be`);
      const who = whoDid(event, accounts);
      if (event.person !== null && event.kind !== "item.opened" && !line.includes(who))
        found.push(`/day2 audit ${name}: “${line}” does not name ${who}, who did ${event.kind}`);
    });
    found.push(...(lines.length < events.length ? [] : told(name, lines, { rows, places, of })));
  }
  return found;
}

type Telling = { readonly rows: Rows; readonly places: Places; readonly of: (event: EventRow) => boolean };

/** What was said as it happened, of an item in its thread, of an operation to people directly, stands in its audit, in that order. */
function told(name: string, audit: readonly string[], { rows, places, of }: Telling): string[] {
  const events = new Map(rows.events.filter(of).map((event) => [event.id, event]));
  const where = name.startsWith("#") ? "thread:" : "person:";
  const postings = rows.postings.filter(
    ({ subjectKind, subject, place }) => subjectKind === "event" && events.has(subject) && place.startsWith(where),
  );
  const said = audit.map((line) => line.replace(/^.{20} · /, "").replace(/ · by \S+$/, ""));
  return [...Map.groupBy(postings, ({ place }) => place)].flatMap(([place, there]) => {
    let from = 0;
    return there.flatMap((posting) => {
      const plain = lineOf(posting, places);
      const at = said.findIndex((line, index) => index >= from && spoken(line, name) === spoken(plain, name));
      if (at === -1) return [`${place}: “${plain}” is not in /day2 audit ${name}, or out of order`];
      from = at + 1;
      return [];
    });
  });
}

/** What it says: in a direct message beneath the name of what it is about, in a thread at once. */
function lineOf({ place, messageTs }: PostingRow, places: Places): string {
  const lines = places.get(messageTs ?? "")?.plain.split("\n");
  return lines?.[place.startsWith("person:") ? 1 : 0] ?? "a line that is nowhere";
}

/** Where it is clear what is spoken of it needs no name, and a picture brings its numbers. */
function spoken(line: string, name: string): string {
  const picture = /^The last day of ([^:,]+)[:,]/.exec(line);
  if (picture !== null) return picture[0].slice(0, -1);
  const words = line.replaceAll(new RegExp(String.raw`${name}\b`, "gi"), "it");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the record alone makes of every item and operation, against its row. */
export function replayed(rows: Rows): string[] {
  return [
    ...rows.items.flatMap((item) => {
      let state: Facts = { state: "nothing", owner: ownerOf(rows, item), "acknowledged by": null };
      for (const event of rows.events)
        if (event.item === item.id) state = { ...state, ...EFFECTS[event.kind]?.(event, state) };
      return differ(`the record of #${item.id}`, state, {
        state: item.state,
        owner: item.ownerPerson ?? item.ownerTeam,
        "acknowledged by": item.acknowledgedBy,
      });
    }),
    ...rows.operations.flatMap((operation) => {
      const last = rows.events.findLast(
        (event) =>
          event.operation === operation.id &&
          /\.(succeeded|failed|reverted|closed_unknown|refused|denied|expired|cancelled)$/.test(event.kind),
      );
      const ended = operation.finishedAt === null ? null : operation.state;
      return differ(`the record of op-${operation.id}`, { ended: last?.kind.split(".")[1] ?? null }, { ended });
    }),
  ];
}

/** Before anybody took it or it was handed on, it is whose the catalog says; only the row knows. */
function ownerOf(rows: Rows, { id, ownerPerson, ownerTeam }: ItemRow): string | null {
  const moved = rows.events.some(
    (event) => event.item === id && ["item.taken", "item.handed_off", "item.released"].includes(event.kind),
  );
  return moved ? null : (ownerPerson ?? ownerTeam);
}

const EFFECTS: Readonly<Record<string, (event: EventRow, before: Facts) => Facts>> = {
  "item.opened": () => ({ state: "open" }),
  "item.reopened": () => ({ state: "open", "acknowledged by": null }),
  "item.worsened": () => ({ state: "open", "acknowledged by": null }),
  "item.acknowledged": ({ person }) => ({ "acknowledged by": person }),
  "item.acknowledgement_ended": () => ({ "acknowledged by": null }),
  "item.taken": ({ person }) => ({ state: "open", owner: person, "acknowledged by": person }),
  "item.handed_off": ({ detail }) => {
    const to = detail["to"] as { person?: string; team?: string };
    return { state: "open", owner: to.person ?? to.team ?? null, "acknowledged by": null };
  },
  "item.released": ({ person, detail }, before) => {
    const to = (detail["to"] ?? {}) as { person?: string; team?: string };
    const owner = detail["taken"] === true ? { owner: to.person ?? to.team ?? null } : {};
    const seen = before["acknowledged by"] ?? null;
    return { ...owner, "acknowledged by": seen === person ? null : seen };
  },
  "item.noise": () => ({ state: "resolved" }),
  "item.snoozed": () => ({ state: "snoozed" }),
  "item.woke": () => ({ state: "open" }),
  "item.resolved": () => ({ state: "resolved" }),
};
