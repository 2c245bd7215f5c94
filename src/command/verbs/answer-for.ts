import { readAway, readCover, readOnCall } from "../on-call.ts";
import * as pieces from "../pieces.ts";
import { readAssign } from "../places.ts";
import type { VerbGroup } from "../verb.ts";

/** Who answers for what. */
export const ANSWER_FOR = {
  owners: {
    aliases: ["owner", "who"],
    usage: "[service]",
    sentence: "Who answers for what, and what nobody answers for.",
    deed: "read",
    parse: (words) => ({ verb: "owners", service: pieces.takeServiceOrNone(words) }),
  },
  assign: {
    aliases: [],
    usage: "service responsibility @person|team-x|rotation-x|nobody",
    sentence: "Changes who answers for a responsibility, until the catalog says otherwise.",
    deed: "assign",
    parse: readAssign,
  },
  oncall: {
    aliases: ["on-call", "rota", "rotation"],
    usage: "[rotation] [@person until mon 09:00|end]",
    sentence: "Who is on call, until when and who follows; with a person and an end, puts them on call instead.",
    deed: "read",
    further: "putOnCall",
    parse: readOnCall,
  },
  cover: {
    aliases: ["stand-in"],
    usage: "@person [rotation] until mon 09:00",
    sentence: "You take somebody's turns on call until then.",
    deed: "standIn",
    parse: readCover,
  },
  away: {
    aliases: ["out-of-office"],
    usage: "[@person] until mon 09:00|end",
    sentence: "Nothing calls you until then: the next in turn is on call, and hears of your items.",
    deed: "standIn",
    parse: readAway,
  },
} satisfies VerbGroup;
