import * as additions from "../../src/additions.ts";
import type { App } from "../../src/app.ts";
import * as board from "../../src/board.ts";
import { readDigest } from "../../src/board/digest.ts";
import { readItemCard } from "../../src/board/item-card.ts";
import { serviceStatus } from "../../src/board/services.ts";
import type { Caller } from "../../src/caller.ts";
import type { Asked } from "../../src/command/request.ts";
import { digestRead } from "../../src/demo.ts";
import { localDateOf } from "../../src/domain/wall-time.ts";
import { Invalid } from "../../src/errors.ts";
import * as items from "../../src/items.ts";
import { serviceNamed } from "../../src/ownership.ts";
import { namesOf } from "../../src/people.ts";
import { addedMessage } from "../../src/slack/added-message.ts";
import { answerMessage, runbookMessage } from "../../src/slack/answer-message.ts";
import type { Message } from "../../src/slack/blocks.ts";
import { digestMessage } from "../../src/slack/digest-message.ts";
import { historyMessage } from "../../src/slack/history-message.ts";
import { itemAnswer } from "../../src/slack/item-card.ts";
import { itemsList } from "../../src/slack/items-list.ts";
import { statusList, statusMessage } from "../../src/slack/status-message.ts";
import { serviceOf } from "../places.ts";
import type { Verbs } from "./verb.ts";

/** How things are, and what is looked at. */

export const SEE = {
  status,
  items: listItems,
  check,
  add: async (app, caller, { address, service }) => addedMessage(await additions.add(app, caller, address, service)),
  remove: async (app, caller, { service }) => {
    await additions.remove(app, caller, service);
    return answerMessage(
      `${service} is not watched any more, and what was open of it is closed. \`/day2 audit\` has the record.`,
    );
  },
  runbook: async (app, _caller, { on }) => {
    const service = serviceNamed(app.inForce().catalog, await serviceOf(app, on));
    return runbookMessage(service.name, service.runbook);
  },
  audit,
  digest: async (app, caller) => {
    const today = digestMessage(await readDigest(app, digestOfToday(app)));
    await digestRead(app, caller);
    return today;
  },
} satisfies Partial<Verbs>;

async function status(app: App, _caller: Caller, { service }: { readonly service: string | null }): Promise<Message> {
  const { catalog } = app.inForce();
  if (service !== null)
    return statusMessage(await serviceStatus(app, serviceNamed(catalog, service)), namesOf(app.inForce()), app.now());
  return statusList(
    await Promise.all(Object.values(catalog.services).map((each) => serviceStatus(app, each))),
    app.now(),
  );
}

async function listItems(app: App, { actor }: Caller, { which }: Asked<"items">): Promise<Message> {
  if (typeof which === "object" && "item" in which) return itemAnswer(await readItemCard(app, which.item));
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

async function check(app: App, caller: Caller, { on }: Asked<"check">): Promise<Message> {
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

async function audit(app: App, _caller: Caller, { of }: Asked<"audit">): Promise<Message> {
  const { about, filter } = await auditOf(app, of);
  const { lines, ...counted } = await board.history(app, filter);
  return historyMessage(about, lines, namesOf(app.inForce()), counted);
}

async function auditOf(
  app: App,
  of: Asked<"audit">["of"],
): Promise<{ about: string; filter: Parameters<typeof board.history>[1] }> {
  if (of === "all") return { about: "everything", filter: of };
  if ("item" in of) return { about: `#${(await board.item(app, of.item)).id}`, filter: of };
  if ("operation" in of) return { about: `op-${(await board.operation(app, of.operation)).id}`, filter: of };
  const service = serviceNamed(app.inForce().catalog, of.service);
  return { about: service.name, filter: { service: service.key } };
}

/** What today's digest of the default channel would say. */
function digestOfToday(app: App): { channel: string; zone: string; localDate: string } {
  const { catalog } = app.inForce();
  const plan = catalog.digests.find((each) => each.channel === catalog.channel) ?? catalog.digests[0];
  const { channel, zone } = plan ?? { channel: catalog.channel, zone: "UTC" };
  return { channel, zone, localDate: localDateOf(zone, app.now().getTime()) };
}
