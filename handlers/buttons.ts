import * as board from "../src/board.ts";
import * as holding from "../src/items/holding.ts";
import * as items from "../src/items.ts";
import * as judging from "../src/operations/judging.ts";
import { Conflict } from "../src/errors.ts";
import * as operations from "../src/operations.ts";
import { groundFor } from "../src/operations/deciding.ts";
import { groundOf } from "../src/people.ts";
import { accountZone } from "../src/slack-accounts.ts";
import * as reversals from "../src/operations/reversals.ts";
import { removeStray } from "../src/delivery.ts";
import { stormChannel, type Item } from "../src/domain/item.ts";
import { moveOperation } from "../src/domain/operation.ts";
import type { Deed } from "../src/domain/deed.ts";
import { authorise } from "../src/domain/permit.ts";
import { answerMessage, routeMessage } from "../src/slack/answer-message.ts";
import { handOffModal } from "../src/slack/hand-off-modal.ts";
import { holdModal } from "../src/slack/hold-modal.ts";
import {
  ACTION_IDS,
  postingOf,
  unknownButton,
  readApproval,
  readId,
  readMore,
  readServiceKey,
  readStill,
  type ActionId,
} from "../src/slack/ids.ts";
import {
  approveModal,
  denyModal,
  goAloneModal,
  noiseModal,
  noteModal,
  resolveModal,
} from "../src/slack/reason-modals.ts";
import { extendModal, keepModal } from "../src/slack/reversal-modals.ts";
import { endSilence } from "../src/alerts/silences.ts";
import { silenceModal, snoozeModal } from "../src/slack/snooze-modal.ts";
import { openAct } from "./act.ts";
import type { Call } from "./boundary.ts";
import { acknowledgeMany, ownMany } from "./taking.ts";
import { isAtHome, pressAtHome } from "./home.ts";
import { isObject, objectIn, textOf } from "../src/domain/json-object.ts";
import { helpTour } from "./tour.ts";

/** What each button does. Its value says on what, whatever message it sits on. */

type Press = (call: Call, value: string) => Promise<void>;

const PRESSES: Readonly<Record<Exclude<ActionId, "item.more">, Press>> = {
  [ACTION_IDS.take]: async ({ app, caller, reply }, value) => {
    const id = readId(value);
    if (stormChannel(await board.item(app, id)) === null) await items.own(app, caller, id);
    else await reply(await ownMany(app, caller, { under: id }));
  },
  [ACTION_IDS.seen]: async ({ app, caller, reply }, value) => {
    const id = readId(value);
    if (stormChannel(await board.item(app, id)) === null) await items.acknowledge(app, caller, id);
    else await reply(await acknowledgeMany(app, caller, { under: id }));
  },
  [ACTION_IDS.still]: stillOn,
  [ACTION_IDS.stillLonger]: stillOn,
  [ACTION_IDS.stillLongest]: stillOn,
  [ACTION_IDS.release]: async ({ app, caller }, value) => {
    await holding.release(app, caller, readId(value));
  },
  [ACTION_IDS.hold]: opens("acknowledge", holdModal),
  [ACTION_IDS.noise]: opens("noise", noiseModal),
  [ACTION_IDS.takeAll]: async ({ app, caller, reply }, value) =>
    reply(await ownMany(app, caller, { service: readServiceKey(value) })),
  [ACTION_IDS.seenAll]: async ({ app, caller, reply }, value) =>
    reply(await acknowledgeMany(app, caller, { service: readServiceKey(value) })),
  [ACTION_IDS.act]: openAct,
  [ACTION_IDS.actSecond]: openAct,
  [ACTION_IDS.tour]: helpTour,
  [ACTION_IDS.resolve]: opens("resolve", resolveModal),
  [ACTION_IDS.snooze]: opensUntil("snooze", snoozeModal),
  [ACTION_IDS.silence]: opensUntil("silence", silenceModal),
  [ACTION_IDS.endSilence]: ({ app, caller }, value) => endSilence(app, caller, readId(value)),
  [ACTION_IDS.handOff]: opens("handOff", handOffModal),
  [ACTION_IDS.extend]: opens("request", extendModal),
  [ACTION_IDS.keep]: opens("request", keepModal),
  [ACTION_IDS.takeBack]: async ({ app, caller, reply }, value) => {
    const operation = await reversals.takeBackNow(app, caller, readId(value));
    await reply(answerMessage(`op-${operation.id} takes the change back. Its card shows how that goes.`));
  },
  [ACTION_IDS.route]: async ({ app, caller, reply }, value) => {
    const id = readId(value);
    authorise("read", caller.actor, groundOf(app.inForce(), { item: id }));
    await reply(routeMessage(await board.suggestedLines(app, id)));
  },
  [ACTION_IDS.note]: opens("note", noteModal),
  [ACTION_IDS.approve]: async (call, value) => {
    const { operation, planHash } = readApproval(value);
    const { plan } = await board.operation(call.app, operation);
    if (plan?.typed === true) return call.openModal(approveModal(await decidable(call, "approve", operation), value));
    return operations.approve(call.app, call.caller, operation, { seenHash: planHash, typed: null });
  },
  [ACTION_IDS.deny]: async (call, value) => call.openModal(denyModal(await decidable(call, "deny", readId(value)))),
  [ACTION_IDS.goAlone]: async (call, value) =>
    call.openModal(goAloneModal(await decidable(call, "goAlone", readApproval(value).operation), value)),
  [ACTION_IDS.cancel]: async ({ app, caller, reply }, value) => {
    const id = readId(value);
    await reply(answerMessage(`op-${id} is ${await operations.cancel(app, caller, id)}.`));
  },
  [ACTION_IDS.lookAgain]: ({ app, caller }, value) => judging.lookAgain(app, caller, readId(value)),
  [ACTION_IDS.happened]: ({ app, caller }, value) => judging.happened(app, caller, readId(value)),
  [ACTION_IDS.didNotHappen]: async ({ app, caller, reply }, value) => {
    const id = readId(value);
    const anew = await judging.didNotHappen(app, caller, id);
    await reply(
      answerMessage(
        anew === null
          ? `op-${id} stops here. Its card shows whether anything is taken back.`
          : `Asked for anew as op-${anew.id}. Its plan is being drawn; its card shows what happens next.`,
      ),
    );
  },
  [ACTION_IDS.stopHere]: ({ app, caller }, value) => judging.stop(app, caller, readId(value)),
};

/** Opens a form about an item. */
function opens(deed: Deed, form: (item: Item) => object): Press {
  return async (call, value) => call.openModal(form(await changeable(call, deed, value)));
}

/** Opens a form that asks until when, in the zone of whoever presses. */
function opensUntil(deed: Deed, form: (item: Item, now: Date, zone: string) => object): Press {
  return async (call, value) => {
    const zone = await accountZone(call.app, call.caller.actor);
    await opens(deed, (item) => form(item, call.app.now(), zone))(call, value);
  };
}

async function stillOn({ app, caller }: Call, value: string): Promise<void> {
  const { item, longer } = readStill(value);
  await holding.stillOn(app, caller, item, longer);
}

export const BUTTON_IDS = Object.values(ACTION_IDS);

/** A press of any button of ours. */
export async function press(call: Call): Promise<void> {
  const [action] = Array.isArray(call.body["actions"]) ? (call.body["actions"] as unknown[]) : [];
  if (!isObject(action)) throw unknownButton();
  const { id, value } = pressed(action);
  await removeStray(call.app, { posting: postingOf(textOf(action["block_id"]) ?? ""), ...messageOf(call) });
  if (isAtHome(call)) await pressAtHome(call, (there) => PRESSES[id](there, value));
  else await PRESSES[id](call, value);
}

function pressed(action: Readonly<Record<string, unknown>>): { id: Exclude<ActionId, "item.more">; value: string } {
  const option = objectIn(action, "selected_option");
  const direct = {
    action: BUTTON_IDS.find((each) => each === action["action_id"]),
    value: textOf(action["value"]) ?? "",
  };
  const { action: id, value } = direct.action === ACTION_IDS.more ? readMore(textOf(option["value"]) ?? "") : direct;
  if (id === undefined || id === ACTION_IDS.more) throw unknownButton();
  return { id, value };
}

function messageOf({ body, origin }: Call): { channel: string | null; ts: string | null } {
  return { channel: origin.channel, ts: textOf(objectIn(body, "message")["ts"]) };
}

/** The operation, before a form is filled in for nothing. @throws Denied, Invalid, Conflict */
async function decidable({ app, caller }: Call, deed: "approve" | "deny" | "goAlone", id: number) {
  const operation = await board.operation(app, id);
  authorise(deed, caller.actor, groundFor(app, operation, caller.actor));
  moveOperation(id, operation.state, deed);
  return operation;
}

/** The item, before a form is filled in for nothing. @throws Denied, Invalid, Conflict */
async function changeable({ app, caller }: Call, deed: Deed, value: string) {
  const item = await board.item(app, readId(value));
  authorise(deed, caller.actor, groundOf(app.inForce(), { item: item.id, service: item.service ?? undefined }));
  if (item.state === "resolved")
    throw new Conflict(`#${item.id} is resolved already.`, { hint: `\`/day2 audit #${item.id}\` shows how it went.` });
  return item;
}
