import type { Context, VerbName } from "./request.ts";
import { groupOf, GROUP_NAMES, usageOf, verbNames, VERBS, type Group } from "./verbs.ts";

/** The help, made from the verb table. Sentences may hold `code`. */

export type HelpLine = {
  readonly verb: VerbName;
  /** As typed: "/day2 rollback service [to release]". */
  readonly usage: string;
  readonly sentence: string;
  readonly group: Group;
  /** Other words for the verb. */
  readonly aliases: readonly string[];
};

/** Every verb that is there, by group. */
export function helpLines(context: Pick<Context, "demo">): HelpLine[] {
  const lines = verbNames(context).map(helpLine);
  return GROUP_NAMES.flatMap((group) => lines.filter((line) => line.group === group));
}

export function helpLine(verb: VerbName): HelpLine {
  const { sentence, aliases } = VERBS[verb];
  return { verb, usage: usageOf(verb), sentence, group: groupOf(verb), aliases };
}
