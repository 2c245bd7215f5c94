import { readApproval } from "../approval.ts";
import * as pieces from "../pieces.ts";
import type { VerbGroup } from "../verb.ts";
import { readWindow } from "../windows.ts";

/** What is said to an operation that somebody asked for, and to all that somebody may ask for in a time. */
export const DECIDE = {
  approve: {
    aliases: [],
    usage: "op-17 [target | alone reason…]",
    sentence:
      "Approves what somebody else asked for. If nobody answers, `alone` lets whoever is on call go back to what ran well.",
    deed: "approve",
    parse: readApproval,
  },
  deny: {
    aliases: ["reject"],
    usage: "op-17 reason…",
    sentence: "Refuses what somebody else asked for, and tells them why.",
    deed: "deny",
    parse: (words) => ({
      verb: "deny",
      operation: pieces.takeOperation(words),
      reason: pieces.takeText(words, "Why? Write the reason behind the operation; who asked for it reads it."),
    }),
  },
  cancel: {
    aliases: ["abort", "withdraw"],
    usage: "op-17",
    sentence: "Withdraws an operation, or stops it where it can still be stopped.",
    deed: "cancel",
    parse: (words) => ({ verb: "cancel", operation: pieces.takeOperation(words) }),
  },
  freeze: {
    aliases: ["freezes"],
    usage: "service|all fri 17:00 for 3d reason…",
    sentence: "Plans a freeze, in which nothing changes without a reason and an approval. Alone: lists all.",
    deed: "freeze",
    parse: (words, context) => readWindow("freeze", words, context),
  },
} satisfies VerbGroup;
