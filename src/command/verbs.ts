import { nearest } from "../domain/nearest.ts";
import type { Deed } from "../domain/permit.ts";
import { Invalid } from "../errors.ts";
import { readApproval } from "./approval.ts";
import { readAction, readPlannedAction } from "./actions.ts";
import * as pieces from "./pieces.ts";
import {
  itemOrService,
  readAdded,
  readAssign,
  readAudited,
  readHandOff,
  readLook,
  readSnooze,
  readWhich,
} from "./places.ts";
import type { Context, Request, VerbName } from "./request.ts";
import type { Words } from "./words.ts";

/** The verb table: what people can say, which is also the help. To add a verb, add a row, and its shape to request.ts. */

export const GROUPS = ["See", "Take care", "Act", "Decide", "Answer for", "More"] as const;
export type Group = (typeof GROUPS)[number];

export type Verb = {
  /** Other words for it. Spaces and hyphens within a word do not matter: `hand-off` is also "hand off" and "handoff". */
  readonly aliases: readonly string[];
  /** What follows the verb; what is in brackets may be left out. */
  readonly usage: string;
  readonly sentence: string;
  readonly group: Group;
  readonly deed: Deed;
  /** Only there while the demo runs. */
  readonly demoOnly?: true;
  /** Takes everything behind the verb. @throws Invalid */
  readonly parse: (words: Words, context: Context) => Request;
};

export const VERBS: Readonly<Record<VerbName, Verb>> = {
  status: {
    aliases: ["show"],
    usage: "[service]",
    sentence: "How a service is: releases, sizes, checks, what is open. Without a service: all of them.",
    group: "See",
    deed: "read",
    parse: (words) => ({ verb: "status", service: pieces.takeServiceOrNone(words) }),
  },
  items: {
    aliases: ["item", "list"],
    usage: "[mine|unowned|service|#id]",
    sentence: "What is open: everything, yours, nobody's, a service's, or one item in full.",
    group: "See",
    deed: "read",
    parse: (words) => ({ verb: "items", which: readWhich(words) }),
  },
  check: {
    aliases: ["recheck"],
    usage: "service[/check]",
    sentence: "Looks again right now, instead of at the next round.",
    group: "See",
    deed: "check",
    parse: (words, context) => ({ verb: "check", on: readLook(words, context) }),
  },
  add: {
    aliases: ["watch"],
    usage: "https://… [as service]",
    sentence: "Watches a public address from now on, its certificate too, and shows the lines to keep.",
    group: "See",
    deed: "add",
    parse: readAdded,
  },
  remove: {
    aliases: ["unwatch"],
    usage: "service",
    sentence: "Ends what was added with `add`.",
    group: "See",
    deed: "add",
    parse: (words) => ({ verb: "remove", service: pieces.takeService(words) }),
  },
  runbook: {
    aliases: [],
    usage: "service",
    sentence: "The link to what is written down about a service.",
    group: "See",
    deed: "read",
    parse: (words, context) => ({ verb: "runbook", on: itemOrService(words, context) }),
  },
  audit: {
    aliases: ["history", "log"],
    usage: "[#id|op-n|service]",
    sentence: "Who did or tried what, and when.",
    group: "See",
    deed: "read",
    parse: (words, context) => ({ verb: "audit", of: readAudited(words, context) }),
  },
  digest: {
    aliases: [],
    usage: "",
    sentence: "What the daily digest would say now, only to you.",
    group: "See",
    deed: "digest",
    parse: () => ({ verb: "digest" }),
  },
  own: {
    aliases: ["take"],
    usage: "#id",
    sentence: "Takes an item: from now on it is yours. Acknowledges it too.",
    group: "Take care",
    deed: "own",
    parse: (words, context) => ({ verb: "own", item: pieces.takeItem(words, context) }),
  },
  ack: {
    aliases: ["acknowledge", "seen"],
    usage: "#id|service",
    sentence: "Says that you have seen it, without taking it. It asks again after a while.",
    group: "Take care",
    deed: "acknowledge",
    parse: (words, context) => ({ verb: "ack", on: itemOrService(words, context) }),
  },
  handoff: {
    aliases: ["hand-off", "hand-over"],
    usage: "#id @person note…",
    sentence: "Hands an item to a person or team, with what they should know.",
    group: "Take care",
    deed: "handOff",
    parse: readHandOff,
  },
  snooze: {
    aliases: ["defer"],
    usage: "#id 2h reason…",
    sentence: "Puts an item aside, from 1 minute to 30 days. It comes back earlier if it gets worse.",
    group: "Take care",
    deed: "snooze",
    parse: readSnooze,
  },
  resolve: {
    aliases: ["close", "done"],
    usage: "#id reason…",
    sentence: "Closes an item without waiting for its check, and keeps your reason.",
    group: "Take care",
    deed: "resolve",
    parse: (words, context) => ({
      verb: "resolve",
      item: pieces.takeItemBeforeText(words, context),
      reason: pieces.takeText(words, "Why is it done? Write it behind the item; it is kept in the record."),
    }),
  },
  note: {
    aliases: ["comment"],
    usage: "#id text…",
    sentence: "Adds a line to an item's timeline.",
    group: "Take care",
    deed: "note",
    parse: (words, context) => ({
      verb: "note",
      item: pieces.takeItemBeforeText(words, context),
      text: pieces.takeText(words, "What should be noted? Write it behind the item."),
    }),
  },
  rollback: {
    aliases: ["roll-back"],
    usage: "service [to release]",
    sentence: "Goes back to a release; without one, to the last that ran well.",
    group: "Act",
    deed: "request",
    parse: (words, context) => readAction("rollback", words, context),
  },
  scale: {
    aliases: ["resize"],
    usage: "service process=n … [for 10m]",
    sentence: "Changes how many of a process run; with `for`, only for so long.",
    group: "Act",
    deed: "request",
    parse: (words, context) => readAction("scale", words, context),
  },
  restart: {
    aliases: ["reboot"],
    usage: "service [process]",
    sentence: "Restarts a process, or all of them, one after another.",
    group: "Act",
    deed: "request",
    parse: (words, context) => readAction("restart", words, context),
  },
  "renew-cert": {
    aliases: ["renew", "renew-certificate"],
    usage: "service",
    sentence: "Renews a certificate and sees that the new one is served.",
    group: "Act",
    deed: "request",
    parse: (words, context) => readAction("renew-cert", words, context),
  },
  run: {
    aliases: ["execute"],
    usage: "service task [name=value …]",
    sentence: "Runs a task or a sequence that the catalog declares; without one, says which there are.",
    group: "Act",
    deed: "request",
    parse: (words, context) => readAction("run", words, context),
  },
  plan: {
    aliases: ["preview", "dry-run"],
    usage: "action…",
    sentence: "Shows what an action would change, and changes nothing: `plan rollback shop`.",
    group: "Act",
    deed: "request",
    parse: (words, context) => ({ verb: "plan", action: readPlannedAction(words, context) }),
  },
  approve: {
    aliases: [],
    usage: "op-17 [target | alone reason…]",
    sentence: "Approves what somebody else asked for. On call and nobody answers: `alone` goes back to what ran well.",
    group: "Decide",
    deed: "approve",
    parse: readApproval,
  },
  deny: {
    aliases: ["reject"],
    usage: "op-17 reason…",
    sentence: "Refuses what somebody else asked for, and tells them why.",
    group: "Decide",
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
    group: "Decide",
    deed: "cancel",
    parse: (words) => ({ verb: "cancel", operation: pieces.takeOperation(words) }),
  },
  owners: {
    aliases: ["owner", "who"],
    usage: "[service]",
    sentence: "Who answers for what, and what nobody answers for.",
    group: "Answer for",
    deed: "read",
    parse: (words) => ({ verb: "owners", service: pieces.takeServiceOrNone(words) }),
  },
  assign: {
    aliases: [],
    usage: "service responsibility @person|team-x|nobody",
    sentence: "Changes who answers for a responsibility, until the catalog says otherwise.",
    group: "Answer for",
    deed: "assign",
    parse: readAssign,
  },
  whoami: {
    aliases: ["who-am-i"],
    usage: "",
    sentence: "Who you are here: role, teams, what you answer for and may do, and your line of the catalog.",
    group: "More",
    deed: "read",
    parse: () => ({ verb: "whoami" }),
  },
  help: {
    aliases: [],
    usage: "[verb]",
    sentence: "This list, or one verb in full.",
    group: "More",
    deed: "read",
    parse: (words, context) => ({ verb: "help", about: words.rest === "" ? null : takeVerb(words, context) }),
  },
  demo: {
    aliases: [],
    usage: "bad-release|reset",
    sentence: "Rolls out a release that fails, or starts the demo over.",
    group: "More",
    deed: "demo",
    demoOnly: true,
    parse: (words) => {
      const what = pieces.takeOneOf(words, ["bad-release", "reset"]);
      if (what === undefined) throw new Invalid("The demo can do `bad-release` and `reset`.");
      return { verb: "demo", what };
    },
  },
};

/** The verb that comes next, under any of its words. @throws Invalid with the verb that it may have been. */
export function takeVerb(words: Words, context: Context): VerbName {
  const known = verbWords(context);
  const found = known.get(pieces.takeOneOf(words, [...known.keys()]) ?? "");
  if (found !== undefined) return found;
  const word = pieces.nextWord(words);
  const near = nearest(word, known.keys());
  const verb = known.get(near ?? "");
  if (near === undefined || verb === undefined) {
    const hint = "`/day2 help` shows what there is; `/day2` alone shows what needs you now.";
    throw new Invalid(`I do not know \`${word}\`.`, { hint });
  }
  throw new Invalid(`I do not know \`${word}\`. Did you mean \`${near}\`?`, { hint: `Usage: \`${usageOf(verb)}\`` });
}

/** As typed: "/day2 rollback service [to release]". */
export function usageOf(verb: VerbName): string {
  return `/day2 ${verb} ${VERBS[verb].usage}`.trimEnd();
}

/** Every word that a verb answers to here, and the verb. */
export function verbWords(context: Pick<Context, "demo">): Map<string, VerbName> {
  return new Map(
    verbNames(context).flatMap((name) =>
      [name, ...VERBS[name].aliases].map((word): [string, VerbName] => [word, name]),
    ),
  );
}

/** The verbs that are there, in the order of the help. */
export function verbNames({ demo }: Pick<Context, "demo">): VerbName[] {
  return (Object.keys(VERBS) as VerbName[]).filter((name) => demo || VERBS[name].demoOnly !== true);
}
