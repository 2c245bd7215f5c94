import type { StillCard } from "../domain/board/still-on-it-card.ts";
import { LONGER } from "../domain/lease.ts";
import { formatDuration } from "../domain/measures.ts";
import { type Message, actions, button, sections } from "./blocks.ts";
import { eventSentence } from "./events/sentence.ts";
import { ACTION_IDS, writeStill } from "./ids.ts";
import { itemHeading, itemName } from "./item-words.ts";
import { plain, when } from "./text.ts";

/** Asks whoever has acknowledged an item, directly, whether they are still on it; once answered, says how. */
export function stillMessage({ item, serviceName, names, until, answer }: StillCard): Message {
  const name = itemName(item, serviceName);
  const headline = itemHeading(item, serviceName);
  if (answer !== null) {
    const said = eventSentence(answer, names, "beneath");
    return { text: `${name}: ${said}`, blocks: sections([headline, said]) };
  }
  const asks = `Are you still on it? Until ${when(until)} it is yours; then it asks everybody again.`;
  const value = `${item.id}`;
  return {
    text: `Are you still on ${name}? ${plain(item.summary, 200)}`,
    blocks: [
      ...sections([headline, asks]),
      actions(
        LONGER.map((longer, index) =>
          button(
            index === 0 ? `Still on it: ${formatDuration(longer)} more` : `${formatDuration(longer)} more`,
            STILL_IDS[index] ?? ACTION_IDS.still,
            writeStill(item.id, longer),
          ),
        ),
      ),
      actions([
        button("Give it back", ACTION_IDS.release, value),
        button("Hand off…", ACTION_IDS.handOff, value),
        button("Done…", ACTION_IDS.resolve, value),
      ]),
    ],
  };
}

const STILL_IDS = [ACTION_IDS.still, ACTION_IDS.stillLonger, ACTION_IDS.stillLongest] as const;
