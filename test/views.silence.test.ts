import { expect, test } from "vitest";
import type { ItemCard } from "../src/domain/board/item-card.ts";
import type { Item } from "../src/domain/item.ts";
import type { Silence } from "../src/domain/silence.ts";
import { eventSentence } from "../src/slack/events/sentence.ts";
import { itemCard } from "../src/slack/item-card.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { hostile, readAll } from "./views.reader.ts";
import { NAMES, TAKEN, at, event, itemCardOf } from "./views.values.ts";

/** What is shown of a silence at the source of an item's alerts. */

const SILENCE: Silence = { state: "asked", source: "prom", by: "ana", endsAt: at("04:30"), problem: null };

function cardOf(silence?: Partial<Silence>, changes: Partial<Item> = {}): ItemCard {
  return itemCardOf(
    { origin: "alert", fingerprint: "alert/prom/1", ...changes },
    { silenceable: "prom", ...(silence === undefined ? {} : { silence: { ...SILENCE, ...silence } }) },
  );
}

const CARDS: Readonly<Record<string, ItemCard>> = {
  silenceable: cardOf(),
  silenced: cardOf({ state: "on" }),
  "silence-asked": cardOf({ problem: "The Alertmanager of prom does not answer" }),
  "silence-ending": cardOf({ state: "ending" }),
  "silence-refused": cardOf({ state: "refused", problem: "Unauthorized" }),
  "silence-after-it-was-resolved": cardOf(
    { state: "on" },
    { ...TAKEN, state: "resolved", resolvedAt: at("02:20"), resolvedBy: "ana", resolution: "known" },
  ),
};

test.each(Object.entries(CARDS))("item card, %s", async (name, card) => {
  await expect(golden(itemCard(card))).toMatchFileSnapshot(goldenFile(`item-card.${name}`));
});

test("what a source says calls nobody and links nowhere", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const problem = hostile(seed);
    const { mentions, links } = readAll(itemCard(cardOf({ state: "refused", problem }, TAKEN)));
    const usual = readAll(itemCard(cardOf({ state: "refused" }, TAKEN)));
    expect([mentions, links]).toEqual([usual.mentions, usual.links]);
  }
});

const UNTIL = "2026-11-23T04:30:00.000Z";
const SILENCED: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ["item.silence_asked", { source: "prom", until: UNTIL, reason: "new *switch*" }],
  ["item.silenced", { source: "prom", until: UNTIL }],
  ["item.not_silenced", { source: "prom", why: "the connection was cut", asked: true, again: true }],
  ["item.not_silenced", { source: "prom", why: "Unauthorized", asked: true, again: false }],
  ["item.not_silenced", { source: "prom", why: "Unauthorized", asked: false, again: true }],
  ["item.silence_ended", { source: "prom" }],
  ["item.silence_over", { source: "prom", ended: 0 }],
  ["item.silence_over", { source: "prom", ended: 2 }],
];

test("a silence, line by line", async () => {
  const lines = SILENCED.map(([kind, detail]) => eventSentence(event(kind, detail), NAMES, "thread"));
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("golden/view.silence.txt");
});
