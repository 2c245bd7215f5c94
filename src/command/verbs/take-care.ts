import * as pieces from "../pieces.ts";
import { itemOrService, readHandOff, readSnooze } from "../places.ts";
import type { VerbGroup } from "../verb.ts";

/** What is done with items. */
export const TAKE_CARE = {
  own: {
    aliases: ["take"],
    usage: "#id",
    sentence: "Takes an item: from now on it is yours. Acknowledges it too.",
    deed: "own",
    parse: (words, context) => ({ verb: "own", item: pieces.takeItem(words, context) }),
  },
  ack: {
    aliases: ["acknowledge", "seen"],
    usage: "#id|service",
    sentence: "Says that you have seen it, without taking it. It asks again after a while.",
    deed: "acknowledge",
    parse: (words, context) => ({ verb: "ack", on: itemOrService(words, context) }),
  },
  handoff: {
    aliases: ["hand-off", "hand-over"],
    usage: "#id @person note…",
    sentence: "Hands an item to a person or team, with what they should know.",
    deed: "handOff",
    parse: readHandOff,
  },
  snooze: {
    aliases: ["defer"],
    usage: "#id 2h reason…",
    sentence: "Puts an item aside, from 1 minute to 30 days. It comes back earlier if it gets worse.",
    deed: "snooze",
    parse: readSnooze,
  },
  resolve: {
    aliases: ["close", "done"],
    usage: "#id reason…",
    sentence: "Closes an item without waiting for its check, and keeps your reason.",
    deed: "resolve",
    parse: (words, context) => ({
      verb: "resolve",
      item: pieces.takeItemBeforeText(words, context),
      reason: pieces.takeText(words, "Why is it done? Write it behind the item; it is kept in the record."),
    }),
  },
  open: {
    aliases: ["report", "new"],
    usage: "service [critical] text…",
    sentence: "Opens an item from what you saw; it goes to whoever answers for the service.",
    deed: "note",
    parse: (words) => ({
      verb: "open",
      service: pieces.takeService(words),
      severity: pieces.takeOneOf(words, ["critical", "warning"]) ?? "warning",
      summary: pieces.takeText(words, "What has to be seen to? Write it in one line behind the service."),
    }),
  },
  note: {
    aliases: ["comment"],
    usage: "#id text…",
    sentence: "Adds a line to an item's timeline.",
    deed: "note",
    parse: (words, context) => ({
      verb: "note",
      item: pieces.takeItemBeforeText(words, context),
      text: pieces.takeText(words, "What should be noted? Write it behind the item."),
    }),
  },
} satisfies VerbGroup;
