import { askedAlready, itemToTake } from "../src/board/tour.ts";
import { itemFor } from "../src/board/fitting.ts";
import { demo } from "../src/demo.ts";
import type { Action } from "../src/domain/action.ts";
import { TOUR_SERVICE, type TourHelp } from "../src/domain/tour.ts";
import { Invalid } from "../src/errors.ts";
import { channelOf } from "../src/items/card-and-thread.ts";
import * as items from "../src/items.ts";
import { targetFor } from "../src/operations/requesting.ts";
import { serviceNamed } from "../src/ownership.ts";
import { answerMessage } from "../src/slack/answer-message.ts";
import { readTourHelp, writeAct } from "../src/slack/ids.ts";
import { openAct } from "./act.ts";
import type { Call } from "./boundary.ts";
import { answer } from "./verbs.ts";

/** The buttons of the demo's tour do what a person would type or press elsewhere; what ticks a line is the deed itself. */

const HELPS: Readonly<Record<TourHelp, (call: Call) => Promise<void>>> = {
  take,
  "renew-cert": (call) => openForm(call, "renew-cert"),
  "bad-release": async ({ app, caller, reply }) => reply(answerMessage(await demo(app, caller, "bad-release"))),
  rollback: (call) => openForm(call, "rollback"),
  digest: async ({ app, caller, reply }) => reply(await answer(app, caller, { verb: "digest" })),
};

export async function helpTour(call: Call, value: string): Promise<void> {
  const help = readTourHelp(value);
  if (call.app.demo === null)
    throw new Invalid("The demo does not run any more.", { hint: "`/day2` shows what needs you now." });
  await HELPS[help](call);
}

async function take({ app, caller, reply }: Call): Promise<void> {
  const item = await itemToTake(app);
  if (item === null)
    throw new Invalid("There is nothing to take just now.", {
      hint: "The first checks look within half a minute: press again then. `/day2 items` lists what is open.",
    });
  await items.own(app, caller, item.id);
  const channel = channelOf(app.inForce(), item.service);
  await reply(answerMessage(`#${item.id} is yours. Its card in ${channel} says so for everybody.`));
}

/** The form for the service's only target that can do it, and for the item that it helps with; once it was asked for, the way to it. */
async function openForm(call: Call, action: Action): Promise<void> {
  const { app, reply } = call;
  const service = serviceNamed(app.inForce().catalog, TOUR_SERVICE);
  const asked = await askedAlready(app, action);
  if (asked !== null) {
    const channel = channelOf(app.inForce(), service.key);
    const place = asked.item === null ? `in ${channel}` : `in the thread of #${asked.item}, in ${channel}`;
    return reply(answerMessage(`op-${asked.id} asks for that already. Its card is ${place}.`));
  }
  const item = await itemFor(app, service.key, action);
  return openAct(call, writeAct({ item, action, target: targetFor(service, { action }).key }));
}
