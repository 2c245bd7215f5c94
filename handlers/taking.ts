import type { App } from "../src/app.ts";
import * as board from "../src/board.ts";
import type { Caller } from "../src/caller.ts";
import type { ItemsPlace, ServicePlace } from "../src/command/request.ts";
import { stormChannel } from "../src/domain/item.ts";
import { formatDuration } from "../src/domain/measures.ts";
import { acknowledgeAll, ownAll, type Among } from "../src/items/taking-many.ts";
import * as items from "../src/items.ts";
import { serviceNamed } from "../src/ownership.ts";
import { namesOf } from "../src/people.ts";
import { answerMessage } from "../src/slack/answer-message.ts";
import type { Message } from "../src/slack/blocks.ts";
import { bulkMessage } from "../src/slack/bulk-message.ts";

/** Taking and acknowledging: one item, several, all of a service, or all of a storm. `duration` (ms) is null where nothing was said. */

export async function own(
  app: App,
  caller: Caller,
  on: ItemsPlace | ServicePlace,
  duration: number | null,
): Promise<Message> {
  const one = await oneOrMany(app, on);
  if (typeof one !== "number") return ownMany(app, caller, one, duration);
  await items.own(app, caller, one, duration ?? undefined);
  return answerMessage(`#${one} is yours. Its card says so for everybody.`);
}

export async function acknowledge(
  app: App,
  caller: Caller,
  on: ItemsPlace | ServicePlace,
  duration: number | null,
): Promise<Message> {
  const one = await oneOrMany(app, on);
  if (typeof one !== "number") return acknowledgeMany(app, caller, one, duration);
  const until = await items.acknowledge(app, caller, one, duration ?? undefined);
  const left = formatDuration(Math.round((until.getTime() - app.now().getTime()) / 60_000) * 60_000);
  return answerMessage(`You have seen #${one}. Its owner has not changed. It asks again in ${left}.`);
}

type Many = ItemsPlace | ServicePlace | { readonly under: number };

export async function ownMany(app: App, caller: Caller, on: Many, duration: number | null = null): Promise<Message> {
  const among = amongOf(app, on);
  const took = await ownAll(app, caller, among, duration ?? undefined);
  return bulkMessage("own", took, namesOf(app.inForce()), `/day2 own ${again(among)}`);
}

export async function acknowledgeMany(
  app: App,
  caller: Caller,
  on: Many,
  duration: number | null = null,
): Promise<Message> {
  const among = amongOf(app, on);
  const took = await acknowledgeAll(app, caller, among, duration ?? undefined);
  return bulkMessage("ack", took, namesOf(app.inForce()), `/day2 ack ${again(among)}`);
}

/** The number of the one item that is meant. A storm is all that it stands for. */
async function oneOrMany(app: App, on: ItemsPlace | ServicePlace): Promise<number | Many> {
  const [one, ...others] = "items" in on ? on.items : [];
  if (one === undefined || others.length > 0) return on;
  return stormChannel(await board.item(app, one)) === null ? one : { under: one };
}

function amongOf(app: App, on: Many): Among {
  return "items" in on || "under" in on ? on : { service: serviceNamed(app.inForce().catalog, on.service).key };
}

/** What is left of them, in words. */
function again(among: Among): string {
  if ("service" in among) return among.service;
  return "under" in among ? `#${among.under}` : "";
}
