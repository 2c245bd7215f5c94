import { goesBackByItself, stormChannel } from "../domain/item.ts";
import type { App } from "../app.ts";
import { changeFor, type Caller, type Change } from "../caller.ts";
import type { Deed } from "../domain/deed.ts";
import { authorise } from "../domain/permit.ts";
import { Conflict, Invalid } from "../errors.ts";
import { show, tell } from "./card-and-thread.ts";
import { groundOf } from "../people.ts";
import { lockItem, saveItem, type ItemChange, type StoredItem } from "../store/items.ts";
import { takingBack } from "../store/operations.ts";

/** What the doors to items share: one item, locked and permitted, and how a change of it is written. */

/** What can still be done with a resolved item: its source may still be silenced. */
const AFTERWARDS: ReadonlySet<Deed> = new Set(["note", "silence"]);

/** @throws Invalid | Denied | Conflict where it is not there, not theirs to change, or resolved */
export async function changeItem<Result>(
  app: App,
  caller: Caller,
  deed: Deed,
  id: number,
  work: (change: Change, item: StoredItem) => Promise<Result>,
): Promise<Result> {
  return changeFor(app, caller, async (change) => {
    const item = await lockItem(change.db, id);
    if (item === null) throw new Invalid(`There is no item #${id}.`, { hint: "`/day2 items` lists the open ones." });
    authorise(deed, caller.actor, groundOf(app.inForce(), { item: id, service: item.service ?? undefined }));
    if (item.state === "resolved" && !AFTERWARDS.has(deed))
      throw new Conflict(`#${id} is resolved already.`, { hint: `\`/day2 audit #${id}\` shows how it went.` });
    return work(change, item);
  });
}

/** @throws Conflict for what goes back by itself: it has decisions of its own */
export function refuseOwedBack(item: StoredItem): void {
  if (!goesBackByItself(item)) return;
  const { id, reverses } = item;
  throw new Conflict(`#${id} takes op-${reverses} back by itself when it is due, and is done then.`, {
    hint: "On its card: “Keep it…” for good, “Extend…” for longer, or “Take it back now”.",
  });
}

/** @throws Conflict while an operation takes back what it owes: that one would go on, whatever is said of the item */
export async function refuseBeingTakenBack({ db }: Change, { id, reverses }: StoredItem): Promise<void> {
  const back = reverses === null ? null : await takingBack(db, reverses);
  if (back === null) return;
  throw new Conflict(`op-${reverses} is being taken back already.`, {
    hint: `\`/day2 audit #${id}\` shows how far it is, and \`/day2 cancel op-${back}\` stops it.`,
  });
}

/** @throws Conflict for a storm: only its parts can be resolved, or be noise */
export function refuseStorm(item: StoredItem): void {
  if (stormChannel(item) === null) return;
  throw new Conflict(`#${item.id} is a storm: it is over by itself when it calms down.`, {
    hint: `\`/day2 ack #${item.id}\` says that you have seen all of it, and \`/day2 own #${item.id}\` takes it.`,
  });
}

export async function saveAndTell(
  change: Change,
  item: StoredItem,
  changed: ItemChange,
  kind: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const next = await saveItem(change.db, item, changed);
  await tell(change, next, kind, detail);
  await show(change, next);
}
