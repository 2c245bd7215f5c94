import type { KnownBlock } from "@slack/types";
import type { ItemCard } from "../domain/board/item-card.ts";
import { isHelpable, stormChannel, takenBy } from "../domain/item.ts";
import { isRouted } from "../domain/routing.ts";
import { isHeld } from "../domain/silence.ts";
import { actions, button, option, overflow } from "./blocks.ts";
import { ACTION_IDS, type ActionId, writeAct, writeMore } from "./ids.ts";
import { ACTION_LABELS } from "./operation-words.ts";
import { literal } from "./text.ts";

/** What can be done with an item from its card, in the order of use. */

/** Slack's overflow takes five choices; the first two of the card are buttons. */
const CHOICES_SHOWN = 7;

type Choice = { readonly label: string; readonly action: ActionId; readonly value: string; readonly style?: "primary" };

/** In the order of use: the first two are buttons, the rest is under *More*. */
export function choiceRow(card: ItemCard): KnownBlock {
  const [first, second, ...rest] = choices(card);
  const buttons = [first, second].flatMap((choice, index) => {
    if (choice === undefined) return [];
    const id = index === 1 && choice.action === first?.action ? ACTION_IDS.actSecond : choice.action;
    return [button(choice.label, id, choice.value, choice.style)];
  });
  const more = rest.map(({ label, action, value }) => option(label, writeMore(action, value)));
  const end = isSilenced(card) ? [button("End silence", ACTION_IDS.endSilence, `${card.item.id}`)] : [];
  return actions([...buttons, ...end, overflow(ACTION_IDS.more, more)]);
}

function isSilenced({ silence }: ItemCard): boolean {
  return silence?.state === "asked" || silence?.state === "on";
}

/** What is owed back asks for nothing but a decision: longer, for good, or now. */
function reversalChoices({ item }: ItemCard): Choice[] {
  const value = `${item.id}`;
  return [
    { label: "Extend…", action: ACTION_IDS.extend, value },
    { label: "Keep it…", action: ACTION_IDS.keep, value },
    { label: "Take it back now", action: ACTION_IDS.takeBack, value },
    ...(item.acknowledgedBy === null ? [{ label: "Seen", action: ACTION_IDS.seen, value }] : []),
    { label: "Hand off…", action: ACTION_IDS.handOff, value },
    { label: "Note…", action: ACTION_IDS.note, value },
  ];
}

/** Both are for all of it, and again for what came since. */
function stormChoices({ item }: ItemCard): Choice[] {
  const value = `${item.id}`;
  return [
    { label: "Take all", action: ACTION_IDS.take, value, style: "primary" },
    { label: "Seen all", action: ACTION_IDS.seen, value },
    { label: "Snooze…", action: ACTION_IDS.snooze, value },
    { label: "Hand off…", action: ACTION_IDS.handOff, value },
    { label: "Note…", action: ACTION_IDS.note, value },
  ];
}

function choices(card: ItemCard): Choice[] {
  const { item } = card;
  if (stormChannel(item) !== null) return stormChoices(card);
  if (item.reverses !== null) return reversalChoices(card);
  const value = `${item.id}`;
  const taken = takenBy(item) !== null;
  const first: Choice[] = [
    ...(taken ? [] : [{ label: "Take it", action: ACTION_IDS.take, value, style: "primary" as const }]),
    ...(item.acknowledgedBy === null
      ? [{ label: taken ? "I have it" : "Seen, not mine", action: ACTION_IDS.seen, value }]
      : []),
  ];
  const acts = actChoices(card);
  const isSignal = isHelpable(item);
  const last: Choice[] = [
    { label: "Resolve…", action: ACTION_IDS.resolve, value },
    { label: "Snooze…", action: ACTION_IDS.snooze, value },
    ...(card.silenceable === undefined || (card.silence !== undefined && isHeld(card.silence.state))
      ? []
      : [{ label: `Silence at ${literal(card.silenceable, 40)}…`, action: ACTION_IDS.silence, value }]),
    { label: "Hand off…", action: ACTION_IDS.handOff, value },
    ...(isSignal ? [{ label: "Noise…", action: ACTION_IDS.noise, value }] : []),
  ];
  const unrouted = item.service === null && card.alerts !== undefined && isRouted(item);
  if (unrouted) first.push({ label: "Whose is this?", action: ACTION_IDS.route, value });
  const room = CHOICES_SHOWN - first.length - last.length;
  // What helps goes before what can as well be said in the thread; the rest is there where there is room.
  const extra: Choice[] = [
    { label: "Note…", action: ACTION_IDS.note, value },
    { label: item.acknowledgedBy === null ? "Seen for…" : "Hold it for…", action: ACTION_IDS.hold, value },
    ...(taken ? [{ label: "Give it back", action: ACTION_IDS.release, value }] : []),
  ];
  const helping = acts.slice(0, Math.max(1, room - 1));
  return [...first, ...helping, ...last, ...extra].slice(0, CHOICES_SHOWN);
}

/** The fitting actions, with their target only where one action fits several. */
function actChoices({ item, fitting }: ItemCard): Choice[] {
  return fitting.map(({ action, target, likely, task }) => {
    const value = writeAct({ item: item.id, action, target, task });
    if (task !== undefined) return { label: `Run ${literal(task, 40)}…`, action: ACTION_IDS.act, value };
    const several = fitting.filter((other) => other.action === action).length > 1;
    const argument = likely === undefined ? "" : ` ${literal(likely, 24)}`;
    const label = `${ACTION_LABELS[action]}${several ? ` ${literal(target, 30)}` : ""}${argument}…`;
    return {
      label,
      action: ACTION_IDS.act,
      value,
    };
  });
}
