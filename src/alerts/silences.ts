import { randomUUID } from "node:crypto";
import type { App } from "../app.ts";
import type { Caller, Change } from "../caller.ts";
import type { ItemCard } from "../domain/board/item-card.ts";
import type { Catalog } from "../domain/catalog.ts";
import type { AlertSource } from "../domain/alert-source.ts";
import { sourceOf } from "../domain/routing.ts";
import { isHeld, matchersFor, type Matchers } from "../domain/silence.ts";
import { addDays } from "../domain/time.ts";
import { actorKey } from "../domain/actor.ts";
import { Conflict, Invalid } from "../errors.ts";
import { redacted } from "../redaction.ts";
import { changeItem } from "../items/change.ts";
import { show, tell } from "../items/card-and-thread.ts";
import { firingOf } from "../store/firing-alerts.ts";
import type { StoredItem } from "../store/items.ts";
import { endSilenceNow, insertSilence, newestSilence } from "../store/silences.ts";

/** The door for silences: that the source of an item's alerts tells nobody of them for a while. `silence-sync.ts` carries it out. */

const LONGEST = 30; // days
/** Silences over there that one item may take. */
const MOST = 20;

/** Asks for a silence until a moment, with a reason. @throws Invalid, Conflict where the source cannot be silenced, or is already */
export async function silence(app: App, caller: Caller, id: number, until: Date, reason: string): Promise<void> {
  if (reason.trim() === "") throw new Invalid("A silence needs a reason.");
  await changeItem(app, caller, "silence", id, async (change, item) => {
    const { catalog } = app.inForce();
    const source = silenceable(catalog, item);
    if (source === null) throw notSilenceable(item);
    if (until <= change.now || until > addDays(change.now, LONGEST))
      throw new Invalid(`A source can be silenced for up to ${LONGEST} days.`);
    const before = await newestSilence(change.db, id);
    if (before !== null && isHeld(before.state))
      throw new Conflict(`#${id} is silenced at ${before.source} already.`, {
        hint: `\`/day2 silence end #${id}\` ends that.`,
      });
    const matchers = await matchersOf(change, catalog, source, item);
    const asked = { item: id, source: source.key, token: randomUUID(), matchers, reason: redacted(reason) };
    await insertSilence(change.db, { ...asked, madeBy: actorKey(caller.actor), endsAt: until }, change.now);
    await tell(change, item, "item.silence_asked", { source: source.key, until: until.toISOString(), reason });
    await show(change, item);
  });
}

/** @throws Conflict where nothing fires, or no few silences mean just that */
async function matchersOf(
  { db }: Change,
  catalog: Catalog,
  source: AlertSource,
  { id, fingerprint }: StoredItem,
): Promise<Matchers[]> {
  const matchers = matchersFor(catalog, source, fingerprint, await firingOf(db, fingerprint));
  const hint = `\`/day2 snooze #${id} 2h reason\` puts it aside here.`;
  if (matchers.length === 0) throw new Conflict(`No alert of #${id} fires now: there is nothing to silence.`);
  if (matchers.some((each) => Object.values(each).every((value) => value === "")))
    throw new Conflict(`No label tells the alerts of #${id} from all others of ${source.key}.`, { hint });
  if (matchers.length > MOST)
    throw new Conflict(
      `The alerts of #${id} differ too much: they would take ${matchers.length} silences at ${source.key}, and ${MOST} are the most.`,
      { hint },
    );
  return matchers;
}

/** Ends a silence before its time, also of an item that is resolved. @throws Conflict where there is none */
export async function endSilence(app: App, caller: Caller, id: number): Promise<void> {
  await changeItem(app, caller, "silence", id, async (change, item) => {
    const before = await newestSilence(change.db, id);
    if (before === null || !isHeld(before.state)) throw new Conflict(`#${id} is not silenced.`);
    if (before.state === "ending") throw new Conflict(`The silence of #${id} is being ended already.`);
    await endSilenceNow(change.db, before.id, change.now);
    await tell(change, item, "item.silence_ended", { source: before.source });
    await show(change, item);
  });
}

/** The source of an item's alerts, where it can be silenced. */
function silenceable({ alerts = {} }: Catalog, item: Pick<StoredItem, "fingerprint">): AlertSource | null {
  const source = alerts[sourceOf(item) ?? ""];
  return source?.api === undefined ? null : source;
}

function notSilenceable(item: StoredItem): Conflict {
  const source = sourceOf(item);
  return source === null
    ? new Conflict(`#${item.id} comes from no source that could be silenced.`, {
        hint: `\`/day2 snooze #${item.id} 2h reason\` puts it aside.`,
      })
    : new Conflict(`${source} cannot be silenced from here: the catalog has no \`api\` for it.`, {
        hint: `docs/alerts.md says how to add it. \`/day2 snooze #${item.id} 2h reason\` puts it aside here.`,
      });
}

/** What the card says of it. */
export async function silenceOf(app: App, item: StoredItem): Promise<Pick<ItemCard, "silence" | "silenceable">> {
  const source = sourceOf(item);
  if (source === null) return {};
  const newest = await newestSilence(app.db, item.id);
  const can = silenceable(app.inForce().catalog, item) !== null;
  return {
    ...(newest === null || newest.state === "over" ? {} : { silence: { ...newest, by: newest.madeBy } }),
    ...(can ? { silenceable: source } : {}),
  };
}
