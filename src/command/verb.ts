import type { Deed } from "../domain/deed.ts";
import type { Context, Request, VerbName } from "./request.ts";
import type { Words } from "./words.ts";

/** What a verb is: one row of the table. */
export type Verb = {
  /** Other words for it. Spaces and hyphens within a word do not matter: `hand-off` is also "hand off" and "handoff". */
  readonly aliases: readonly string[];
  /** What follows the verb; what is in brackets may be left out. */
  readonly usage: string;
  readonly sentence: string;
  readonly deed: Deed;
  /** What more it takes with all that can be written behind it. */
  readonly further?: Deed;
  /** Only there while the demo runs. */
  readonly demoOnly?: true;
  /** Takes everything behind the verb. @throws Invalid */
  readonly parse: (words: Words, context: Context) => Request;
};

/** The rows of one heading of the help. */
export type VerbGroup = Readonly<Partial<Record<VerbName, Verb>>>;
