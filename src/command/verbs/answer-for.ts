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
    usage: "service responsibility @person|team-x|nobody",
    sentence: "Changes who answers for a responsibility, until the catalog says otherwise.",
    deed: "assign",
    parse: readAssign,
  },
} satisfies VerbGroup;
