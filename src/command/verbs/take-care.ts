import * as pieces from "../pieces.ts";
import { readHandOff, readHeld, readNoise, readSilence, readSnooze } from "../places.ts";
import type { VerbGroup } from "../verb.ts";
import { readWindow } from "../windows.ts";

/** What is done with items. */
export const TAKE_CARE = {
  own: {
    aliases: ["take"],
    usage: "#id…|service [for 2h]",
    sentence: "Takes items: from now on they are yours. Acknowledges them too. With a service: all that nobody has.",
    deed: "own",
    parse: (words, context) => ({ verb: "own", ...readHeld(words, context) }),
  },
  ack: {
    aliases: ["acknowledge", "seen"],
    usage: "#id…|service [for 2h]",
    sentence: "Says that you have seen it, without taking it. It asks again after a while; `for` says when.",
    deed: "acknowledge",
    parse: (words, context) => ({ verb: "ack", ...readHeld(words, context) }),
  },
  release: {
    aliases: ["give-back", "unown"],
    usage: "#id",
    sentence: "Gives an item of yours back to whoever the catalog names.",
    deed: "release",
    parse: (words, context) => ({ verb: "release", item: pieces.takeItem(words, context) }),
  },
  handoff: {
    aliases: ["hand-off", "hand-over", "hand", "give", "pass"],
    usage: "#id @person note…",
    sentence: "Hands an item to a person or team, with what they should know.",
    deed: "handOff",
    parse: readHandOff,
  },
  snooze: {
    aliases: ["defer"],
    usage: "#id 2h reason…",
    sentence: "Puts an item aside, for that long or `until mon 9:00`. It comes back earlier if it gets worse.",
    deed: "snooze",
    parse: readSnooze,
  },
  silence: {
    aliases: ["mute"],
    usage: "#id 2h reason… | end #id",
    sentence: "Silences an item's alerts at their source, for that long or `until mon 9:00`.",
    deed: "silence",
    parse: readSilence,
  },
  resolve: {
    aliases: ["close", "done", "fixed"],
    usage: "#id reason…",
    sentence: "Closes an item without waiting for its check, and keeps your reason.",
    deed: "resolve",
    parse: (words, context) => ({
      verb: "resolve",
      item: pieces.takeItemBeforeText(words, context),
      reason: pieces.takeText(words, "Why is it done? Write it behind the item; it is kept in the record."),
    }),
  },
  noise: {
    aliases: [],
    usage: "[#id reason…]",
    sentence: "Closes an item as noise, and counts it. Without one: what is called noise most often.",
    deed: "noise",
    parse: readNoise,
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
  window: {
    aliases: ["windows", "maintenance-window"],
    usage: "service sat 22:00 for 2h reason… | end 3",
    sentence:
      "Plans maintenance, in which failing checks and alerts call nobody; `every sat …` repeats it. Alone: lists all.",
    deed: "window",
    parse: (words, context) => readWindow("window", words, context),
  },
} satisfies VerbGroup;
