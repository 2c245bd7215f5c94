import { helpLines } from "../../src/command/help.ts";
import { GROUP_NAMES } from "../../src/command/verbs.ts";

/** The whole help as plain text, as the README has it. */
export function helpText({ demo }: { readonly demo: boolean }): string {
  const lines = helpLines({ demo });
  const width = Math.max(...lines.map((line) => line.usage.length));
  return GROUP_NAMES.map((group) => {
    const rows = lines
      .filter((line) => line.group === group)
      .map((line) => `  ${line.usage.padEnd(width)}  ${line.sentence}`);
    return [group, ...rows].join("\n");
  }).join("\n\n");
}
