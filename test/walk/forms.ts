import { fieldsOf, listOf, textOf } from "../../src/local/json.ts";
import type { Modal, Seen } from "../support/slack.ts";
import { optionsOf } from "../support/slack-text.ts";
import { differ } from "./names.ts";
import { titleOf } from "./operation.ts";
import type { ObservationRow, Rows } from "./rows.ts";
import type { Places } from "./record.ts";
import type { Walk } from "./world.ts";

/** The forms that ask for an action, or deny one: what they are about and offer, against the rows. */

/** Of one card of an item and one of an operation, as somebody opens them who may do everything. */
export async function forms(walk: Walk, rows: Rows, places: Places): Promise<string[]> {
  const [item] = cardsWith(rows, places, "item", isAct);
  const others = rows.operations.filter(
    ({ requestedBy, decisions }) => requestedBy !== "cal" && decisions.every(({ person }) => person !== "cal"),
  );
  const [operation] = cardsWith(rows, places, "operation", (label) => label === "Deny…").filter(({ id }) =>
    others.some((each) => each.id === id),
  );
  return [
    ...(item === undefined ? [] : await actForm(walk, rows, item)),
    ...(operation === undefined ? [] : await denyForm(walk, rows, operation)),
  ];
}

type Shown = { readonly id: number; readonly card: Seen; readonly label: string };

function isAct(label: string): boolean {
  return /^(Restart|Roll back|Scale)\b/.test(label);
}

function cardsWith(rows: Rows, places: Places, kind: string, fits: (label: string) => boolean): Shown[] {
  return rows.postings.flatMap(({ subjectKind, subject, place, messageTs }) => {
    const card = subjectKind === kind && !place.startsWith("person:") ? places.get(messageTs ?? "") : undefined;
    const label = card?.buttons.find(fits);
    return card === undefined || label === undefined ? [] : [{ id: subject, card, label }];
  });
}

async function opened(walk: Walk, { card, label }: Shown): Promise<Modal> {
  const cal = walk.as("cal");
  await cal.clicks(card, label);
  const form = await cal.modal();
  await form.closes();
  return form;
}

async function actForm(walk: Walk, rows: Rows, shown: Shown): Promise<string[]> {
  const form = await opened(walk, shown);
  const service = rows.items.find((each) => each.id === shown.id)?.service ?? "";
  const seen = rows.observations.find((each) => each.target === `${service}/web`)?.body;
  const verb = /^(Restart|Roll back|Scale)/.exec(shown.label)?.[0] ?? "";
  return differ(
    `the form ${shown.label} of #${shown.id}`,
    {
      title: form.title,
      about: form.plain.split("\n").find((each) => each.startsWith("*")) ?? null,
      offers: offers(form),
    },
    {
      title: verb,
      about: `*${verb}* ${service}/web for #${shown.id}`,
      offers: seen === undefined ? "" : held(verb, seen),
    },
  );
}

function offers({ blocks }: Modal): string {
  return blocks
    .flatMap((block) => optionsOf(fieldsOf(block["element"])))
    .map((option) => textOf(fieldsOf(option["text"])["text"]).replace(/ of \d{4}-.*$/, ""))
    .join(", ");
}

function held(verb: string, { release, releases, sizes }: ObservationRow["body"]): string {
  const processes = sizes.map(({ process, wanted, healthy }) => `${process} (${healthy} of ${wanted} healthy)`);
  const others = releases.filter((each) => each.release !== release);
  const isKnown = others.some(({ healthySeconds }) => healthySeconds !== undefined);
  const usual = isKnown ? "The last one that ran well" : "The one before what runs now";
  const offered = {
    Restart: ["All of them", ...processes],
    "Roll back": [usual, ...others.map((each) => each.release)],
    Scale: processes,
  }[verb];
  return listOf(offered).join(", ");
}

async function denyForm(walk: Walk, rows: Rows, shown: Shown): Promise<string[]> {
  const form = await opened(walk, shown);
  const row = rows.operations.find((each) => each.id === shown.id);
  if (row === undefined) return [];
  return differ(
    `the form Deny… of op-${shown.id}`,
    { title: form.title, about: form.plain.split("\n").find((each) => each.startsWith("*")) ?? null },
    { title: `Deny op-${shown.id}`, about: `*${titleOf(row)}*` },
  );
}
