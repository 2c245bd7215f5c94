import { addMilliseconds } from "../src/domain/time.ts";
import { abilities } from "../src/board/abilities.ts";
import * as additions from "../src/additions.ts";
import type { App } from "../src/app.ts";
import * as board from "../src/board.ts";
import { digest } from "../src/board/digest.ts";
import type { Caller } from "../src/caller.ts";
import { helpLine, helpLines } from "../src/command/help.ts";
import type { ActionRequest, Aside, ItemPlace, Request, ServicePlace, WindowRequest } from "../src/command/request.ts";
import { demo, digestRead } from "../src/demo.ts";
import { momentSaid } from "../src/domain/said-time.ts";
import { localDateOf, wallText } from "../src/domain/wall-time.ts";
import { Invalid } from "../src/errors.ts";
import { goAlone } from "../src/operations/going-alone.ts";
import { release } from "../src/items/holding.ts";
import * as items from "../src/items.ts";
import { callNoise, noise } from "../src/items/noise.ts";
import * as operations from "../src/operations.ts";
import { assign, serviceNamed } from "../src/ownership.ts";
import { accountZone, namesOf } from "../src/people.ts";
import { endSilence, silence } from "../src/alerts/silencing.ts";
import { addedMessage } from "../src/slack/added-message.ts";
import { note } from "../src/telemetry/trace.ts";
import { answerMessage, runbookMessage } from "../src/slack/answer-message.ts";
import type { Message } from "../src/slack/blocks.ts";
import { deskMessage } from "../src/slack/desk-message.ts";
import { digestMessage } from "../src/slack/digest-message.ts";
import { helpMessage, providersMessage, verbHelpMessage } from "../src/slack/help-message.ts";
import { historyMessage } from "../src/slack/history-message.ts";
import { itemsList } from "../src/slack/items-list.ts";
import { itemAnswer } from "../src/slack/item-card.ts";
import { noiseMessage } from "../src/slack/noise-message.ts";
import { ownersMessage } from "../src/slack/owners-message.ts";
import { statusList, statusMessage } from "../src/slack/status-message.ts";
import { whoamiMessage } from "../src/slack/whoami-message.ts";
import { standingOf } from "../src/board/whoami.ts";
import { window } from "./windows.ts";
import { acknowledge, own } from "./many.ts";
import { away, cover, oncall } from "./on-call.ts";
import { assigneeOf, partyOf } from "./parties.ts";

/** What each verb does and answers. The answer goes only to the person who asked. */

type Does<V extends Request["verb"]> = (
  app: App,
  caller: Caller,
  request: Extract<Request, { verb: V }>,
) => Promise<Message>;
type Verbs = { readonly [V in Request["verb"]]: Does<V> };

const VERBS: Verbs = {
  desk: async (app, { actor }) => deskMessage(await board.needsMe(app, actor)),
  status,
  items: listItems,
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
    return answerMessage(`#${item} is handed off. They are told in its thread.`);
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
      return answerMessage(`The silence of #${item} is being ended. Its card says when it is.`);
    }
    const { until, said } = await untilOf(app, caller, request);
    await silence(app, caller, item, until, request.reason);
    return answerMessage(`The source of #${item} is asked to be silent until ${said}. Its card says when it is.`);
  },
  resolve: async (app, caller, { item, reason }) => {
    await items.resolve(app, caller, item, reason);
    return answerMessage(`#${item} is resolved.`);
  },
  note: async (app, caller, { item, text }) => {
    await items.note(app, caller, item, text);
    return answerMessage(`The note is in the thread of #${item}.`);
  },
  window: windows,
  freeze: windows,
  open: async (app, caller, { service, severity, summary }) => {
    const found = serviceNamed(app.inForce().catalog, service);
    const id = await items.openByPerson(app, caller, { service: found.key, severity, summary, link: null });
    return answerMessage(`#${id} is open. Its card is in ${found.channel}.`);
  },
  check,
  add: async (app, caller, { address, service }) => addedMessage(await additions.add(app, caller, address, service)),
  remove: async (app, caller, { service }) => {
    await additions.remove(app, caller, service);
    return answerMessage(
      `${service} is not watched any more, and what was open of it is closed. \`/day2 audit\` has the record.`,
    );
  },
  scale: act,
  rollback: act,
  restart: act,
  "renew-cert": act,
  pause: act,
  resume: act,
  backup: act,
  maintenance: act,
  reboot: act,
  patch: act,
  end: act,
  run: act,
  plan: (app, caller, { action }) => ask(app, caller, action, true),
  approve: async (app, caller, { operation, alone, typed = null }) => {
    if (alone !== undefined) {
      await goAlone(app, caller, operation, { reason: alone, seenHash: null });
      return answerMessage(
        `You went alone with op-${operation}. Everybody who may approve it is told, and a review is due.`,
      );
    }
    await operations.approve(app, caller, operation, { seenHash: null, typed });
    return answerMessage(`You approved op-${operation}.`);
  },
  deny: async (app, caller, { operation, reason }) => {
    await operations.deny(app, caller, operation, reason);
    return answerMessage(`You denied op-${operation}.`);
  },
  cancel: async (app, caller, { operation }) =>
    answerMessage(`op-${operation} is ${await operations.cancel(app, caller, operation)}.`),
  owners: (app, _caller, { service }) => {
    const { services } = app.inForce().catalog;
    const wanted = service === null ? Object.values(services) : [serviceNamed(app.inForce().catalog, service)];
    const owners = wanted.map((each) => board.owners(app, each));
    return Promise.resolve(ownersMessage(owners, namesOf(app.inForce())));
  },
  assign: async (app, caller, { service, responsibility, to }) => {
    await assign(app, caller, service, responsibility, to === null ? null : assigneeOf(app, caller, to));
    return answerMessage(
      `${responsibility} of ${service} ${to === null ? "is nobody's now" : "has its owner"}. Keep it by writing it into daytwo.yaml; \`/day2 owners ${service}\` shows it.`,
    );
  },
  oncall,
  cover,
  away,
  digest: async (app, caller) => {
    const today = digestMessage(await digest(app, digestOfToday(app)));
    await digestRead(app, caller);
    return today;
  },
  runbook: async (app, _caller, { on }) => {
    const service = serviceNamed(app.inForce().catalog, await serviceOf(app, on));
    return runbookMessage(service.name, service.runbook);
  },
  audit,
  whoami: (app, { actor }) => Promise.resolve(whoamiMessage(standingOf(app.inForce(), actor))),
  help: (app, _caller, { about }) => Promise.resolve(helpAbout(app, about)),
  demo: async (app, caller, { what }) => answerMessage(await demo(app, caller, what)),
};

/** Until when, and how the clocks of whoever asks say it. */
async function untilOf(app: App, { actor }: Caller, asked: Aside): Promise<{ until: Date; said: string }> {
  const zone = await accountZone(app, actor);
  const now = app.now();
  const until = "until" in asked ? momentSaid(asked.until, now, zone) : addMilliseconds(now, asked.duration);
  return { until, said: `${wallText(zone, until)} (${zone})` };
}

function helpAbout(app: App, about: Extract<Request, { verb: "help" }>["about"]): Message {
  if (about === "providers") return providersMessage(abilities());
  return about === null ? helpMessage(helpLines({ demo: app.demo !== null })) : verbHelpMessage(helpLine(about));
}

/** Does what was asked. @throws the doors' errors */
export async function answer(app: App, caller: Caller, request: Request): Promise<Message> {
  note({ "daytwo.verb": request.verb });
  const does = VERBS[request.verb] as Does<Request["verb"]>;
  return does(app, caller, request as never);
}

async function status(app: App, _caller: Caller, { service }: { readonly service: string | null }): Promise<Message> {
  const { catalog } = app.inForce();
  if (service !== null)
    return statusMessage(await board.status(app, serviceNamed(catalog, service)), namesOf(app.inForce()), app.now());
  return statusList(
    await Promise.all(Object.values(catalog.services).map((each) => board.status(app, each))),
    app.now(),
  );
}

async function listItems(
  app: App,
  { actor }: Caller,
  { which }: Extract<Request, { verb: "items" }>,
): Promise<Message> {
  if (typeof which === "object" && "item" in which) return itemAnswer(await board.itemCard(app, which.item));
  const service = typeof which === "object" ? serviceNamed(app.inForce().catalog, which.service) : null;
  const who = typeof which === "object" ? "all" : which;
  const found = await board.items(app, actor, { who, service: service?.key ?? null });
  const headings = {
    all: service === null ? "Open items" : `Open items of ${service.name}`,
    mine: "Your items",
    unowned: "Nobody's items",
  };
  return itemsList(headings[who], found.items, namesOf(app.inForce()), app.now(), found.count);
}

async function check(app: App, caller: Caller, { on }: Extract<Request, { verb: "check" }>): Promise<Message> {
  const service = serviceNamed(app.inForce().catalog, await serviceOf(app, on));
  const wanted = "check" in on && on.check !== null ? `${service.key}/${on.check}` : null;
  const keys = service.checks
    .map((each) => each.key)
    .filter((key) => wanted === null || key === wanted || key.startsWith(`${wanted}/`));
  if (keys.length === 0)
    throw new Invalid(`${service.name} has no such check.`, {
      hint: `It has ${service.checks.map((each) => `\`${each.key.slice(service.key.length + 1)}\``).join(", ")}.`,
    });
  const count = await items.lookNow(app, caller, keys, service.key);
  return answerMessage(
    `Looking now: ${count} ${count === 1 ? "check" : "checks"} of ${service.name}. What they find shows on their items; \`/day2 status ${service.key}\` has all of it.`,
  );
}

function act(app: App, caller: Caller, request: ActionRequest): Promise<Message> {
  return ask(app, caller, request, false);
}

async function ask(app: App, caller: Caller, request: ActionRequest, preview: boolean): Promise<Message> {
  const service = request.on?.service ?? (request.item === null ? null : (await board.item(app, request.item)).service);
  if (service === null) throw new Invalid("Which service?", { hint: `Name it: \`/day2 ${request.verb} <service>\`.` });
  const target = request.on?.target ?? null;
  const asked = await operations.request(app, caller, {
    action: request.verb,
    service,
    ...(target === null ? {} : { target: `${service}/${target}` }),
    arguments: request.arguments,
    item: request.item ?? (await board.itemFor(app, service, request.verb)),
    preview,
    ...(request.despite === undefined ? {} : { despite: request.despite }),
  });
  if (preview)
    return answerMessage(
      `The plan comes to you as a direct message (op-${asked.id}). Nothing is asked for and nothing changes.`,
    );
  return answerMessage(`op-${asked.id} is asked for. Its plan is being drawn; the card shows what happens next.`);
}

async function audit(app: App, _caller: Caller, { of }: Extract<Request, { verb: "audit" }>): Promise<Message> {
  const { about, filter } = await auditOf(app, of);
  const { lines, ...counted } = await board.history(app, filter);
  return historyMessage(about, lines, namesOf(app.inForce()), counted);
}

async function auditOf(
  app: App,
  of: Extract<Request, { verb: "audit" }>["of"],
): Promise<{ about: string; filter: Parameters<typeof board.history>[1] }> {
  if (of === "all") return { about: "everything", filter: of };
  if ("item" in of) return { about: `#${(await board.item(app, of.item)).id}`, filter: of };
  if ("operation" in of) return { about: `op-${(await board.operation(app, of.operation)).id}`, filter: of };
  const service = serviceNamed(app.inForce().catalog, of.service);
  return { about: service.name, filter: { service: service.key } };
}

function windows(app: App, caller: Caller, request: WindowRequest): Promise<Message> {
  return window(app, caller, request, (on) => serviceOf(app, on));
}

async function serviceOf(app: App, on: ItemPlace | ServicePlace): Promise<string> {
  if ("service" in on) return on.service;
  const { service } = await board.item(app, on.item);
  if (service === null) throw new Invalid(`#${on.item} belongs to no service.`);
  return service;
}

/** What today's digest of the default channel would say. */
function digestOfToday(app: App): { channel: string; zone: string; localDate: string } {
  const { catalog } = app.inForce();
  const plan = catalog.digests.find((each) => each.channel === catalog.channel) ?? catalog.digests[0];
  const { channel, zone } = plan ?? { channel: catalog.channel, zone: "UTC" };
  return { channel, zone, localDate: localDateOf(zone, app.now().getTime()) };
}
