import { fieldsOf, listOf, textOf } from "../../src/local/json.ts";
import { may } from "../../src/domain/permit.ts";
import type { Actor as Acting } from "../../src/domain/actor.ts";
import { pressables } from "../support/slack-text.ts";
import { glyphOf } from "./item.ts";
import { isUnowned } from "./lists.ts";
import { actingOf, differ } from "./names.ts";
import type { ItemRow, Rows } from "./rows.ts";
import { PERSONS, type Walk, type Who } from "./world.ts";

/** The Home tab and the bare `/day2` of everybody, against the rows. */

export async function homes(walk: Walk, rows: Rows): Promise<string[]> {
  const found: string[] = [];
  for (const who of walk.people) {
    const actor = walk.as(who.account);
    const acting = actingOf(who, walk.declared());
    const held = countsHeld(rows, acting);
    const home = await actor.home();
    const desk = await actor.asks("/day2");
    found.push(
      ...differ(`Home of ${who.name}`, countsSaid(home.plain), held),
      ...differ(`/day2 of ${who.name}`, countsSaid(desk.plain), held),
      ...rowsAt(home.raw["blocks"]).flatMap((row) => rowDiffers(who, acting, row, rows)),
    );
  }
  return found;
}

type Counts = { mine: string; snoozed: string; unowned: string; waiting: string };

function countsSaid(plain: string): Counts {
  return {
    mine: /\*Yours\* \((\d+)\)/.exec(plain)?.[1] ?? "0",
    snoozed: /(?:\*Snoozed\* \(|^)(\d+)(?:\)| more of yours (?:is|are) snoozed)/m.exec(plain)?.[1] ?? "0",
    unowned: /\*Nobody's\* \((\d+)\)/.exec(plain)?.[1] ?? "0",
    waiting: /\*Waits for your approval\* \((\d+)\)/.exec(plain)?.[1] ?? "0",
  };
}

function countsHeld({ items, operations }: Rows, acting: Acting): Counts {
  const { person } = acting;
  const teams: readonly string[] = Object.entries(PERSONS).find(([key]) => key === person)?.[1].teams ?? [];
  const open = items.filter((each) => each.state !== "resolved");
  const mine = open.filter(
    ({ ownerPerson, ownerTeam }) =>
      (person !== null && ownerPerson === person) || (ownerTeam !== null && teams.includes(ownerTeam)),
  );
  const waiting = operations.filter(
    ({ state, requestedBy, service, decisions }) =>
      state === "awaiting_approval" &&
      requestedBy !== person &&
      !decisions.some((decision) => decision.person === person) &&
      may("approve", acting, { service, catalogHasPeople: true }),
  );
  return {
    mine: `${mine.filter(({ state }) => state !== "snoozed").length}`,
    snoozed: `${mine.filter(({ state }) => state === "snoozed").length}`,
    unowned: `${open.filter(isUnowned).length}`,
    waiting: `${waiting.length}`,
  };
}

type HomeRow = { readonly id: number; readonly glyph: string; readonly buttons: string };

/** The rows of items: what stands first in them, and what can be pressed beside them. */
function rowsAt(blocks: unknown): HomeRow[] {
  return listOf(blocks)
    .map(fieldsOf)
    .flatMap((block) => {
      const found = /^(\S+) \*#(\d+)/.exec(textOf(fieldsOf(block["text"])["text"]));
      const buttons = pressables([block]).map(({ label }) => label);
      return found === null ? [] : [{ id: Number(found[2]), glyph: found[1] ?? "", buttons: buttons.join(", ") }];
    });
}

function rowDiffers({ name }: Who, acting: Acting, { id, glyph, buttons }: HomeRow, { items }: Rows): string[] {
  const item = items.find((each) => each.id === id && each.state !== "resolved");
  if (item === undefined) return [`Home of ${name}: #${id} is not open`];
  const isAllowed = may("own", acting, { service: item.service ?? undefined, catalogHasPeople: true });
  const held = { glyph: glyphOf(item), buttons: isAllowed ? buttonsHeld(item) : "" };
  return differ(`Home of ${name}, #${id}`, { glyph, buttons }, held);
}

function buttonsHeld({ reverses, ownerPerson, ownedSince }: ItemRow): string {
  if (reverses !== null) return "Extend…, Keep it…, Take it back now, Hand off…, Note…";
  return ownerPerson !== null && ownedSince !== null ? "Resolve…, Snooze…, Hand off…, Note…, Give it back" : "Take it";
}
