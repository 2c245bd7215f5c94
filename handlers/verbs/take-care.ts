import { endSilence, silence } from "../../src/alerts/silences.ts";
import type { App } from "../../src/app.ts";
import type { Caller } from "../../src/caller.ts";
import type { Aside } from "../../src/command/request.ts";
import { momentSaid } from "../../src/domain/said-time.ts";
import { addMilliseconds } from "../../src/domain/time.ts";
import { wallText } from "../../src/domain/wall-time.ts";
import * as items from "../../src/items.ts";
import { release } from "../../src/items/holding.ts";
import { callNoise, noise } from "../../src/items/noise.ts";
import { serviceNamed } from "../../src/ownership.ts";
import { accountZone } from "../../src/slack-accounts.ts";
import { answerMessage } from "../../src/slack/answer-message.ts";
import { noiseMessage } from "../../src/slack/noise-message.ts";
import { acknowledge, own } from "../taking.ts";
import { partyOf } from "../parties.ts";
import { window } from "../windows.ts";
import type { Verbs } from "./verb.ts";

/** What is done with items, and with times in which they ask nobody. */

export const TAKE_CARE = {
  ack: (app, caller, { on, duration }) => acknowledge(app, caller, on, duration),
  own: (app, caller, { on, duration }) => own(app, caller, on, duration),
  release: async (app, caller, { item }) => {
    const owner = await release(app, caller, item);
    const whose = owner === null ? "nobody answers for it" : "its card says who answers for it";
    return answerMessage(`You gave #${item} back: ${whose}.`);
  },
  noise: async (app, caller, { about }) => {
    if (about === null) return noiseMessage(await noise(app));
    await callNoise(app, caller, about.item, about.reason);
    return answerMessage(`#${about.item} is closed as noise. \`/day2 noise\` counts how often, and says what to do.`);
  },
  handoff: async (app, caller, { item, to, note }) => {
    await items.handOff(app, caller, item, partyOf(app, caller, to), note);
    return answerMessage(`#${item} is handed off. Its new owner is told in its thread.`);
  },
  snooze: async (app, caller, request) => {
    const { item, reason } = request;
    const { until, said } = await untilOf(app, caller, request);
    await items.snooze(app, caller, item, until, reason);
    return answerMessage(`#${item} is snoozed until ${said}. It comes back by itself.`);
  },
  silence: async (app, caller, request) => {
    const { item } = request;
    if ("end" in request) {
      await endSilence(app, caller, item);
      return answerMessage(`The silence of #${item} is being ended. The card of #${item} says when that is done.`);
    }
    const { until, said } = await untilOf(app, caller, request);
    await silence(app, caller, item, until, request.reason);
    return answerMessage(
      `The source of #${item} is asked to be silent until ${said}. The card of #${item} says whether it is.`,
    );
  },
  resolve: async (app, caller, { item, reason }) => {
    await items.resolve(app, caller, item, reason);
    return answerMessage(`#${item} is resolved. \`/day2 audit #${item}\` has its record.`);
  },
  note: async (app, caller, { item, text }) => {
    await items.note(app, caller, item, text);
    return answerMessage(`The note is in the thread of #${item}.`);
  },
  window,
  open: async (app, caller, { service, severity, summary }) => {
    const found = serviceNamed(app.inForce().catalog, service);
    const id = await items.openByPerson(app, caller, { service: found.key, severity, summary, link: null });
    return answerMessage(`#${id} is open. Its card is in ${found.channel}.`);
  },
} satisfies Partial<Verbs>;

/** Until when, and how the clocks of whoever asks say it. */
async function untilOf(app: App, { actor }: Caller, asked: Aside): Promise<{ until: Date; said: string }> {
  const zone = await accountZone(app, actor);
  const now = app.now();
  const until = "until" in asked ? momentSaid(asked.until, now, zone) : addMilliseconds(now, asked.duration);
  return { until, said: `${wallText(zone, until)} (${zone})` };
}
