import { nearest } from "../domain/nearest.ts";
import { Invalid } from "../errors.ts";
import * as pieces from "./pieces.ts";
import type { Context, VerbName } from "./request.ts";
import type { Verb, VerbGroup } from "./verb.ts";
import { ACT } from "./verbs/act.ts";
import { ANSWER_FOR } from "./verbs/answer-for.ts";
import { DECIDE } from "./verbs/decide.ts";
import { SEE } from "./verbs/see.ts";
import { TAKE_CARE } from "./verbs/take-care.ts";
import type { Words } from "./words.ts";

/**
 * The verb table: what people can say, which is also the help. To add a verb, add a row to one of `verbs/`, its shape
 * to request.ts, and what it does to the file of the same name in handlers/verbs/.
 */

const MORE = {
  whoami: {
    aliases: ["who-am-i"],
    usage: "",
    sentence: "Who you are here: role, teams, what you answer for and may do, and your line of the catalog.",
    deed: "read",
    parse: () => ({ verb: "whoami" }),
  },
  help: {
    aliases: [],
    usage: "[verb|providers]",
    sentence: "This list, one verb in full, or what each provider can do.",
    deed: "read",
    parse: (words, context) => ({ verb: "help", about: aboutWhat(words, context) }),
  },
  demo: {
    aliases: [],
    usage: "bad-release|reset",
    sentence: "Rolls out a release that fails, or starts the demo over.",
    deed: "demo",
    demoOnly: true,
    parse: (words) => {
      const what = pieces.takeOneOf(words, ["bad-release", "reset"]);
      if (what === undefined) throw new Invalid("The demo can do `bad-release` and `reset`.");
      return { verb: "demo", what };
    },
  },
} satisfies VerbGroup;

/** The rows by the headings of the help, in its order. */
const GROUPS = {
  See: SEE,
  "Take care": TAKE_CARE,
  Act: ACT,
  Decide: DECIDE,
  "Answer for": ANSWER_FOR,
  More: MORE,
} as const satisfies Readonly<Record<string, VerbGroup>>;
export type Group = keyof typeof GROUPS;
export const GROUP_NAMES = Object.keys(GROUPS) as Group[];

export const VERBS: Readonly<Record<VerbName, Verb>> = {
  ...SEE,
  ...TAKE_CARE,
  ...ACT,
  ...DECIDE,
  ...ANSWER_FOR,
  ...MORE,
};

function aboutWhat(words: Words, context: Context): VerbName | "providers" | null {
  if (words.rest === "") return null;
  return pieces.takeOneOf(words, ["providers", "provider"]) === undefined ? takeVerb(words, context) : "providers";
}

/** The verb that comes next, under any of its words. @throws Invalid with the verb that it may have been. */
export function takeVerb(words: Words, context: Context): VerbName {
  const known = verbWords(context);
  const found = known.get(pieces.takeOneOf(words, [...known.keys()]) ?? "");
  if (found !== undefined) return found;
  const word = pieces.nextWord(words);
  const near = nearest(word, known.keys());
  const verb = known.get(near ?? "");
  if (/^\d{1,15}$/.test(word))
    throw new Invalid(`Is ${word} an item or an operation?`, {
      hint: `Write \`/day2 #${word}\` for the item, or \`/day2 op-${word}\` for the operation.`,
    });
  if (near === undefined || verb === undefined) {
    const hint = "`/day2 help` shows what there is; `/day2` alone shows what needs you now.";
    throw new Invalid(`I do not know \`${word}\`.`, { hint });
  }
  throw new Invalid(`I do not know \`${word}\`. Did you mean \`${near}\`?`, { hint: `Usage: \`${usageOf(verb)}\`` });
}

/** The heading of the help that a verb stands under. @throws Error for one that stands nowhere */
export function groupOf(verb: VerbName): Group {
  const group = GROUP_NAMES.find((name) => verb in GROUPS[name]);
  if (group === undefined) throw new Error(`the verb ${verb} stands under no heading`);
  return group;
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
