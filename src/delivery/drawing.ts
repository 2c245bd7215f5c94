import type { App } from "../app.ts";
import { operation } from "../board.ts";
import { readItemCard } from "../board/item-card.ts";
import { readHandover } from "../board/on-call.ts";
import { readOperationCard } from "../board/operation-card.ts";
import { readStillCard } from "../board/still-on-it-card.ts";
import { readDigest } from "../board/digest.ts";
import { tour } from "../board/tour.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import { output } from "../operations/output.ts";
import { picture } from "./pictures.ts";
import { namesOf } from "../people.ts";
import type { Message } from "../slack/blocks.ts";
import { digestMessage } from "../slack/digest-message.ts";
import { handoverMessage } from "../slack/handover-message.ts";
import { itemCard } from "../slack/item-card.ts";
import { newsMessage } from "../slack/operation-news-message.ts";
import { operationCard } from "../slack/operation-card.ts";
import { stillMessage } from "../slack/still-on-it-message.ts";
import { timelineLine } from "../slack/timeline-line.ts";
import { callMessage, remindMessage } from "../slack/notifications.ts";
import { tourMessage } from "../slack/tour-message.ts";
import { digestById } from "../store/digests.ts";
import { eventById } from "../store/events.ts";
import type { Posting } from "../store/postings.ts";

/**
 * Draws a posting's subject from its row: the newest version, whatever was wanted when the posting was claimed. Null when
 * there is nothing to show any more.
 */
export async function draw(app: App, posting: Posting): Promise<Message | null> {
  switch (posting.subjectKind) {
    case "item":
      return itemCard(await readItemCard(app, posting.subject));
    case "operation":
      return operationCard(await readOperationCard(app, posting.subject));
    case "event": {
      const line = await eventById(app.db, posting.subject);
      return line === null ? null : ofEvent(app, line, posting.place);
    }
    case "digest": {
      const made = await digestById(app.db, posting.subject);
      return made === null ? null : digestMessage(await readDigest(app, made));
    }
    case "tour": {
      const begun = await tour(app);
      return begun === null ? null : tourMessage(begun);
    }
  }
}

/** Events whose message is more than a line of a thread. */
const OF_THEIR_OWN: Readonly<Record<string, (app: App, line: EventLine) => Promise<Message | null>>> = {
  "item.pictured": picture,
  "item.still_asked": still,
  "operation.output": output,
  "rotation.handed_over": handedOver,
};

async function ofEvent(app: App, line: EventLine, where: string): Promise<Message | null> {
  const own = OF_THEIR_OWN[line.kind];
  if (own !== undefined) return own(app, line);
  if (line.kind === "item.told" && line.item !== null && !where.startsWith("thread:")) return told(app, line, where);
  if (line.operation !== null && where.startsWith("person:"))
    return newsMessage(line, await operation(app, line.operation), namesOf(app.inForce()));
  return timelineLine(line, namesOf(app.inForce()));
}

async function handedOver(app: App, line: EventLine): Promise<Message> {
  return handoverMessage(await readHandover(app, line), namesOf(app.inForce()));
}

async function still(app: App, line: EventLine): Promise<Message | null> {
  const card = await readStillCard(app, line);
  return card === null ? null : stillMessage(card);
}

async function told(app: App, line: EventLine, where: string): Promise<Message> {
  const { item, serviceName, names } = await readItemCard(app, line.item ?? 0);
  return where.startsWith("person:") ? remindMessage(item, serviceName) : callMessage(item, serviceName, line, names);
}
