import { fieldsOf, textOf } from "../../src/local/json.ts";
import type { Actor, Seen } from "../support/slack.ts";
import { PERSONS, SERVICES, type PersonKey, type ServiceKey, type Walk } from "./world.ts";

/** What can happen in the walk. Much of it is refused, as in life: too late, not theirs, of somebody who only looks. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SPANS = [MINUTE, 10 * MINUTE, 45 * MINUTE, 3 * HOUR, 26 * HOUR];
const FINE = 10;
const LEVELS = [FINE, FINE, 2_000, 3_000, 5_000];
/** Somebody with every right, and everybody else as often. */
const ACTING = ["ana", "ana2", "ben", "cal", "cal", "rae", "gus", "uma"];

type Deed = (walk: Walk) => Promise<string>;

/** A deed and how often it happens; its answer says what was done, for the trail of a walk that fails. */
const DEEDS: readonly (readonly [number, Deed])[] = [
  [10, fills],
  [16, types],
  [20, presses],
  [4, pressesStale],
  [6, asks],
  [12, passes],
  [3, readsHome],
  [3, answersOtherwise],
  [2, somebodyLeavesOrComes],
  [2, serviceLeavesOrComes],
  [2, slackFails],
  [1, restarts],
];

const TOTAL = DEEDS.reduce((sum, [weight]) => sum + weight, 0);

export async function step(walk: Walk): Promise<string> {
  let at = walk.random(TOTAL);
  const [, deed] = DEEDS.find(([weight]) => (at -= weight) < 0) ?? [0, passes];
  return deed(walk);
}

async function fills(walk: Walk): Promise<string> {
  const name = walk.pick(Object.values(SERVICES).flatMap((service) => [...service.checks]));
  const bytes = walk.pick(LEVELS);
  await walk.folders.holds(name, bytes);
  await walk.bot().passes(10 * MINUTE);
  return `${name} holds ${bytes}`;
}

async function passes(walk: Walk): Promise<string> {
  const span = walk.pick(SPANS);
  await walk.bot().passes(span);
  return `${span / MINUTE} minutes pass`;
}

async function itemOf(walk: Walk, where = "state <> 'resolved'"): Promise<number> {
  const { rows } = await walk.pool.query<{ id: number }>(
    `select id::int from items where ${where} order by fingerprint, id`,
  );
  return rows.length === 0 ? 1 : walk.pick(rows).id;
}

async function operationOf(walk: Walk): Promise<{ id: number; target: string }> {
  const { rows } = await walk.pool.query<{ id: number; target: string }>(
    "select id::int, target from operations where not preview order by finished_at is null desc, id desc limit 4",
  );
  return rows.length === 0 ? { id: 1, target: "shop/web" } : walk.pick(rows);
}

async function types(walk: Walk): Promise<string> {
  const item = await itemOf(walk, walk.random(8) === 0 ? "true" : undefined);
  const service = walk.pick(walk.declared().services);
  const person = walk.pick(["@ana", "@ben", "@cal", "@rae", "team-web"]);
  const { id, target } = await operationOf(walk);
  const text = walk.pick([
    `own #${item}`,
    `own #${item}`,
    `ack #${item}`,
    `ack ${service}`,
    `ack #${item} for ${walk.pick(["5m", "2h"])}`,
    `own ${service}`,
    `release #${item}`,
    `noise #${item} it tells <nothing>`,
    `handoff #${item} ${person} it is yours, *please*`,
    `handoff #${item} ${person} see the log`,
    `snooze #${item} ${walk.pick(["20m", "2h", "3d"])} it is <known> & waits`,
    `resolve #${item} it was a drill`,
    `note #${item} seen at night & noted`,
    `assign ${service} disk-and-logs ${walk.pick([person, "nobody"])}`,
    `assign ${service} on-call ${walk.pick([person, "nobody"])}`,
    `deny op-${id} not today`,
    `cancel op-${id}`,
    `approve op-${id}`,
    `approve op-${id} ${target}`,
    `approve op-${id} alone it cannot wait`,
    `check ${service}`,
    "digest",
  ]);
  return typed(walk, text);
}

async function asks(walk: Walk): Promise<string> {
  const service = walk.pick(walk.declared().services);
  const length = walk.pick(["", "", " for 30m", " for 2h"]);
  return typed(
    walk,
    walk.pick([
      `scale ${service} web=${1 + walk.random(5)}${length}`,
      `scale ${service} web=${1 + walk.random(5)}${length}`,
      `rollback ${service}`,
      `scale blog web=${1 + walk.random(5)} despite the sale *begins*`,
      `restart ${service}`,
      "run shop wipe",
      `plan scale ${service} web=4`,
    ]),
  );
}

async function typed(walk: Walk, text: string): Promise<string> {
  const name = walk.pick(ACTING);
  await walk.as(name).types(`/day2 ${text}`);
  return `${name} types ${text}`;
}

/** The cards and their threads' cards in a channel. */
async function cards(actor: Actor): Promise<Seen[]> {
  const roots = await actor.sees("#shop");
  const threads = await Promise.all(roots.filter((one) => one.replies > 0).map((one) => actor.sees("#shop", one)));
  // Which of two checks has the lower number is chance, and what is picked by a seed should not be.
  return [...roots, ...threads.flatMap((thread) => thread.slice(1))]
    .filter((one) => one.buttons.length > 0)
    .toSorted((a, b) => (unnumbered(a) < unnumbered(b) ? -1 : 1));
}

/** Half of the time what happens at once, else one of everything. */
async function presses(walk: Walk): Promise<string> {
  const name = walk.pick(ACTING);
  const actor = walk.as(name);
  const shown = await cards(actor);
  if (shown.length === 0) return "nothing to press";
  const card = walk.pick(shown);
  const atOnce = card.buttons.filter((each) => !each.endsWith("…"));
  const label = walk.pick(walk.random(2) === 0 && atOnce.length > 0 ? atOnce : card.buttons);
  if (!(await tried(actor, card, label))) return `${name} comes too late to press ${label} on ${headline(card)}`;
  return `${name} presses ${label} on ${headline(card)}${await fillsIn(walk, actor)}`;
}

/** Fills in the form that this opened, if it opened one. */
async function fillsIn(walk: Walk, actor: Actor): Promise<string> {
  await walk.bot().settle();
  const [title] = await actor.modals();
  if (title === undefined) return "";
  const form = await actor.modal();
  const fields = form.blocks.flatMap((block) => {
    const wanted = /^Type (\S+) to approve$/.exec(textOf(fieldsOf(block["label"])["text"]))?.[1];
    const name = textOf(block["block_id"]);
    const entered = wanted ?? ENTERED[name]?.(walk);
    return entered === undefined ? [] : [[name, entered] as const];
  });
  const { ok } = await (await form.fills(Object.fromEntries(fields))).submits();
  if ((await actor.modals()).length > 0) await (await actor.modal()).closes();
  return `, and ${ok ? "fills in" : "gives up"} ${title}`;
}

/** What is written into a field, by its name; the others stay as they are. */
const ENTERED: Readonly<Record<string, (walk: Walk) => string>> = {
  text: () => "the sale <goes> on & on",
  reason: () => "it waits for a *part*",
  note: () => "see the log",
  duration: (walk) => walk.pick(["30m", "2h"]),
  person: () => "U0BEN",
  process: () => "web",
  count: (walk) => `${1 + walk.random(5)}`,
};

/** Presses it, unless the card has it no more by now; whether Slack took it. */
async function tried(actor: Actor, card: Seen, label: string): Promise<boolean> {
  const { buttons } = await actor.rereads(card);
  if (!buttons.includes(label)) return false;
  return (await actor.clicks(card, label).catch(() => ({ ok: false }))).ok;
}

async function closes(walk: Walk, actor: Actor): Promise<void> {
  await walk.bot().settle();
  if ((await actor.modals()).length > 0) await (await actor.modal()).closes();
}

function unnumbered(card: Seen): string {
  return headline(card).replaceAll(/#\d+/g, "");
}

function headline({ plain }: Seen): string {
  return plain.split("\n")[0] ?? "";
}

/** A button of a card as it was read, which has changed since. */
async function pressesStale(walk: Walk): Promise<string> {
  const [name, other] = [walk.pick(ACTING), walk.pick(ACTING)];
  const shown = await cards(walk.as(name));
  const immediate = shown.filter((card) => card.buttons.some((each) => !each.endsWith("…")));
  if (immediate.length === 0) return "nothing to press twice";
  const card = walk.pick(immediate);
  const label = card.buttons.find((each) => !each.endsWith("…")) ?? "";
  await Promise.all([tried(walk.as(name), card, label), tried(walk.as(other), card, label)]);
  await Promise.all([name, other].map((each) => closes(walk, walk.as(each))));
  return `${name} and ${other} press ${label} on ${headline(card)}`;
}

async function readsHome(walk: Walk): Promise<string> {
  const name = walk.pick(ACTING);
  const actor = walk.as(name);
  await walk.bot().slack.endFaults();
  const home = await actor.home();
  const label = home.buttons.find((each) => each === "Take it" || each === "Approve");
  if (label === undefined) return `${name} finds nothing to press at Home`;
  await actor.clicks(home, label);
  return `${name} presses ${label} at Home${await fillsIn(walk, actor)}`;
}

async function answersOtherwise(walk: Walk): Promise<string> {
  const how = walk.pick(["well", "lost before applying", "lost after applying"] as const);
  walk.supervisor.answers(how);
  if (walk.random(2) === 0)
    walk.supervisor.changes(walk.pick(walk.declared().services), { sizes: { web: 1 + walk.random(5) } });
  return `the supervisor answers ${how}`;
}

async function somebodyLeavesOrComes(walk: Walk): Promise<string> {
  const { people, services } = walk.declared();
  const one = walk.pick(Object.keys(PERSONS).filter((key) => key !== "cal") as PersonKey[]);
  await walk.declares({ services, people: toggled(Object.keys(PERSONS) as PersonKey[], people, one) });
  return `${one} ${people.includes(one) ? "leaves" : "comes back"}`;
}

async function serviceLeavesOrComes(walk: Walk): Promise<string> {
  const { people, services } = walk.declared();
  const one = walk.pick(["blog", "jobs"] as const);
  await walk.declares({ people, services: toggled(Object.keys(SERVICES) as ServiceKey[], services, one) });
  return `${one} ${services.includes(one) ? "leaves" : "comes back"}`;
}

function toggled<Key>(all: readonly Key[], now: readonly Key[], one: Key): Key[] {
  return all.filter((key) => now.includes(key) !== (key === one));
}

async function slackFails(walk: Walk): Promise<string> {
  const fault = walk.pick([
    { status: 429, retry_after: 2, times: 3 },
    { status: 503, times: 4 },
    { method: "chat.update", mode: "store_then_drop" as const, times: 1 },
    { method: "chat.postMessage", mode: "store_then_503" as const, times: 1 },
    { method: "views.publish", status: 503, times: 2 },
  ]);
  await walk.bot().slack.fault(fault);
  return `Slack fails: ${JSON.stringify(fault)}`;
}

async function restarts(walk: Walk): Promise<string> {
  await walk.bot().slack.endFaults();
  await walk.restarts();
  return "the bot restarts";
}
