import { Invalid } from "../errors.ts";
import type { Arguments, Plan } from "./action.ts";
import type { Target } from "./catalog.ts";
import { formatDuration } from "./measures.ts";
import { shown } from "./task.ts";

/** The plan of a task, for whoever approves it. */

const LINE = 190; // characters that a card shows of one reason

/** The plan of a task whose command is filled in: the same for every provider that can run one. */
export function drawTask(
  { task = "", values = {}, command }: Arguments,
  { service }: Target,
): Pick<Plan, "arguments" | "risk" | "title" | "changes" | "reasons" | "stays"> {
  if (command === undefined) throw new Invalid("Which task?");
  const given = Object.entries(values).map(([name, value]) => `${name} ${shortened(value)}`);
  return {
    arguments: { task, values, command },
    risk: command.risk,
    title: `Run ${task} on ${service}${given.length === 0 ? "" : ` (${given.join(", ")})`}`,
    changes: {},
    reasons: [
      ...runsLines("Runs", command.argv),
      `Stopped after ${formatDuration(command.timeout)} if it has not ended by then`,
    ],
    stays: ["what the task itself does is not known to Daytwo, and cannot be taken back by it"],
  };
}

/** All of a command for whoever approves it, after these words. */
export function runsLines(words: string, argv: readonly string[]): string[] {
  return inLines(`${words} ${shown(argv)}`, LINE);
}

function shortened(value: string): string {
  const [first = "", ...rest] = inLines(value, 39);
  return rest.length === 0 ? value : `${first}…`;
}

/** The whole text, cut between characters into lines of at most so many UTF-16 units. */
function inLines(text: string, longest: number): string[] {
  const lines = [""];
  for (const character of text) {
    const line = lines.at(-1) ?? "";
    if (line.length + character.length > longest) lines.push(character);
    else lines.splice(-1, 1, line + character);
  }
  return lines;
}
