import { type Message, context, section, sections } from "./blocks.ts";
import { code, plain, sentence } from "./text.ts";

/** One verb: how it is typed ("/day2 own #id"), what it does in a sentence, and the group that it is listed in. */
export type HelpLine = { readonly usage: string; readonly sentence: string; readonly group: string };

/** Everything that Daytwo understands, by group, in the order given. */
export function helpMessage(lines: readonly HelpLine[]): Message {
  const groups = [...Map.groupBy(lines, ({ group }) => group)];
  return {
    text: "What I understand",
    blocks: [
      section(
        "Items are `#142`, operations `op-17`. In a thread write `@daytwo` and the verb: it means the thread's item.",
      ),
      ...groups.flatMap(([group, verbs]) => sections([`*${sentence(group)}*`, ...verbs.map(verbLine)], 2_200)),
      context(`\`/day2\` alone shows what needs you now · ${code("/day2 help <verb>")} explains one`),
    ],
  };
}

/** One verb with everything there is to say; `more` are further sentences or examples. */
export function verbHelpMessage(line: HelpLine, more: readonly string[] = []): Message {
  return {
    text: plain(line.usage),
    blocks: sections([verbLine(line), ...more.map((each) => sentence(each))]),
  };
}

/** What can be done to targets of one provider, and what cannot. */
export type Ability = {
  readonly provider: string;
  readonly target: string;
  readonly does: Readonly<Record<string, string>>;
  readonly cannot: readonly string[];
  readonly keeps: readonly string[];
};

/** What Daytwo acts on, provider by provider. */
export function providersMessage(abilities: readonly Ability[]): Message {
  return {
    text: "What I can act on",
    blocks: abilities.flatMap(({ provider, target, does, cannot, keeps }) =>
      sections([
        `*${code(provider)}* ${sentence(target)}`,
        ...Object.entries(does).map(([action, what]) => `${code(action)} ${sentence(what)}`),
        `It cannot ${sentence(cannot.join(", "))}.`,
        `Taking something back leaves as it is: ${sentence(keeps.join(", "))}.`,
      ]),
    ),
  };
}

function verbLine({ usage, sentence: said }: HelpLine): string {
  return `${code(usage)} ${sentence(said)}`;
}
