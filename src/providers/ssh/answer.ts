import { Invalid } from "../../errors.ts";

/** What the agent says, read as it comes. */

/** Its lines in their order, each with its first word apart. */
export type Answer = readonly { readonly word: string; readonly rest: string }[];

export type Hearing = {
  /** It waits for the request. */
  listens(): void;
  prints(printed: Buffer): void;
  /** The answer is whole. */
  ends(answer: Answer): void;
};

/** What was printed before may have no end of its line. */
const GREETING = /daytwo-agent (\d+)$/;
const SPOKEN = "1";
const LONGEST_LINE = 64 * 1_024;
const MOST_LINES = 5_000;
const NEWLINE = 10;

/** Takes what comes. @throws Invalid for an agent that speaks otherwise, Error for what is no answer */
export function openReader({ listens, prints, ends }: Hearing): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let raw = 0; // bytes to come that are printed text
  let state: "waiting" | "heard" | "ended" = "waiting";
  const lines: { word: string; rest: string }[] = [];

  function take(line: string): void {
    if (state === "waiting") return greet(line);
    const [word = ""] = line.split(" ", 1);
    const said = line.slice(word.length + 1).trim();
    if (word === "out") raw = lengthIn(said);
    else if (word === "end") {
      state = "ended";
      ends(lines);
    } else lines.push({ word, rest: said });
    if (lines.length > MOST_LINES) throw new Error("the answer has more lines than anything that is meant");
  }
  /** What a login shell prints before it is passed over. */
  function greet(line: string): void {
    const [, version] = GREETING.exec(line) ?? [];
    if (version === undefined) return;
    if (version !== SPOKEN)
      throw new Invalid(`The daytwo-agent there speaks version ${version}, and this Daytwo version ${SPOKEN}.`, {
        hint: "Put this release's docs/providers/daytwo-agent in its place.",
      });
    state = "heard";
    listens();
  }
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (state !== "ended" && rest.length > 0) {
      if (raw > 0) {
        const printed = rest.subarray(0, raw);
        rest = rest.subarray(printed.length);
        raw -= printed.length;
        prints(printed);
        continue;
      }
      const at = rest.indexOf(NEWLINE);
      if (at === -1) break;
      const line = rest.subarray(0, at).toString("utf8");
      rest = rest.subarray(at + 1);
      take(line);
    }
    if (raw === 0 && rest.length > LONGEST_LINE)
      throw new Error("the answer has a line longer than anything that is meant");
  };
}

function lengthIn(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error("the answer has a length that is none");
  return Number(text);
}

/** What stands behind a word; undefined where the answer has no such line. */
export function said(answer: Answer, word: string): string | undefined {
  return answer.find((line) => line.word === word)?.rest;
}

export function all(answer: Answer, word: string): string[] {
  return answer.filter((line) => line.word === word).map(({ rest }) => rest);
}
