/** What a program printed, and what of it is kept. */

/** The lines that are remembered, and how many came before them. */
export type Printed = { readonly lines: readonly string[]; readonly forgotten: number };

/** What is kept: the text, how many lines were printed, and how many of these, the first ones, are not in it. */
export type Output = { readonly text: string; readonly lines: number; readonly cut: number };

/** As many lines as a card shows, and so many characters of each. */
const SHOWN = { lines: 8, characters: 200 };
/** Characters that are kept; the end says how it went. */
const LONGEST = 48_000;

/** Whether a card cannot show all of it. */
export function isMore({ lines, forgotten }: Printed): boolean {
  return forgotten + lines.length > SHOWN.lines || lines.some((line) => line.length > SHOWN.characters);
}

export function boundedOutput({ lines, forgotten }: Printed): Output {
  let from = lines.length;
  let length = 0;
  while (from > 0 && length + (lines[from - 1] ?? "").length < LONGEST) {
    from -= 1;
    length += (lines[from] ?? "").length + 1;
  }
  const kept = lines.slice(from);
  const cut = forgotten + from;
  const note = cut === 0 ? [] : [`… the first ${cut === 1 ? "line is" : `${cut} lines are`} not kept`];
  return { text: [...note, ...kept, ""].join("\n"), lines: forgotten + lines.length, cut };
}
