import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Task, TaskArgument } from "../src/domain/task.ts";
import { fillIn } from "../src/domain/task-values.ts";
import { Invalid } from "../src/errors.ts";
import { runTask } from "./support/task-run.ts";
import { openTaskSupervisor } from "./support/task-supervisor.ts";

/** Whatever somebody writes for an argument of a task: it is one literal argument of a real program, or refused with a sentence. */

const AWKWARD = [
  "",
  " ",
  "x",
  "two words",
  " lead",
  "trail ",
  "a  b",
  "'",
  '"',
  "`",
  "'a' 'b'",
  '"; rm -rf /; "',
  "$(touch pwned)",
  "`touch pwned`",
  "; touch pwned",
  "| cat",
  "|| true",
  "&& touch pwned",
  "&",
  "> pwned",
  "< /etc/passwd",
  ">> x",
  "$HOME",
  "${HOME}",
  "%PATH%",
  "!!",
  "~",
  "~root",
  "*",
  "?",
  "[a-z]",
  "{a,b}",
  "{x}",
  "{region}",
  " {region}",
  "{{x}}",
  "\\",
  "\\\\",
  "\\n",
  "\\0",
  "a\nb",
  "a\r\nb",
  "\t",
  "a\tb",
  "\0",
  "a\0b",
  "%00",
  "%0a",
  "%s%n%x",
  "-",
  "--",
  "-rf",
  "--help",
  "-x y",
  "--x=y",
  "–x",
  "—",
  "−1",
  "\u2028",
  "\u2029",
  "\u0085",
  "\u00a0",
  "\u200b",
  "\u202Eevil",
  "\u2066x\u2069",
  "\ufeff",
  "\ud800",
  "\udc00x",
  "e\u0301",
  "Ａ",
  "ﬀ",
  "İ",
  "ß",
  "日本語",
  "🙂",
  "👩‍👩‍👧",
  "\u{e0041}",
  "é".repeat(60),
  "#",
  "# x",
  "//",
  "../../etc/passwd",
  "/",
  ".",
  "..",
  "file:///etc",
  "http://x.example/?a=b&c=d",
  "a=b",
  "=",
  "=x",
  "@file",
  "@",
  "^",
  "(",
  ")",
  "()",
  "[",
  "]",
  ",",
  "a,b",
  ":",
  "7",
  "007",
  "-7",
  "+7",
  "7.5",
  "7e2",
  "0x7",
  "٧",
  "NaN",
  "Infinity",
  "99999999999999999999",
  "eu",
  "EU",
  "eu ",
  "us",
  "e u",
  "constructor",
  "__proto__",
  "toString",
  "null",
  "undefined",
  "true",
  "$&",
  "$1",
  "$`",
  "$'",
  "$$",
  "x".repeat(80),
  "x".repeat(81),
  "x".repeat(5_000),
  "\x1b[31mred\x1b[0m",
  "\x07",
  "\x7f",
  "\x1b]0;t\x07",
  "<!channel>",
  "<@U0ANA>",
  "*bold*",
] as const;

/** 500 of them: each awkward one, and two of them together. */
const HOSTILE = Array.from({ length: 500 }, (_, index) => {
  const [one = "", other = ""] = [AWKWARD[index % AWKWARD.length], AWKWARD[(index * 7 + 3) % AWKWARD.length]];
  return index < AWKWARD.length ? one : `${one}${index % 2 === 0 ? " " : ""}${other}`;
});

/** Every kind of argument at every place; `before` and `behind` are what stands around the value in its element. */
const KINDS: readonly (readonly [string, string, string, TaskArgument])[] = [
  ["one of several", "", "", { name: "x", kind: "one of", choices: ["eu", "us", "$(id)", "two words", "*", "'"] }],
  ["a number", "", "", { name: "x", kind: "number", min: 1, max: 1_000 }],
  ["a number inside", "--n=", "", { name: "x", kind: "number", min: -1_000, max: 1_000 }],
  ["text alone", "", "", { name: "x", kind: "text", longest: 80 }],
  ["text inside", "--text=", "", { name: "x", kind: "text", longest: 200 }],
  ["text in the middle", "a{b}", "{y} c", { name: "x", kind: "text", longest: 200 }],
];

/** The element that holds the value when it is filled in, or the sentence that refuses it. */
function filled(kind: (typeof KINDS)[number], value: string): { sent: string; wanted: string } | { refused: string } {
  const [, before, behind, argument] = kind;
  const command = ["p", `${before}{x}${behind}`, "end"];
  const task: Task = { name: "t", target: "shop/web", command, arguments: [argument], risk: "low", timeout: 1_000 };
  try {
    const { argv, values } = fillIn(task, { x: value });
    if (argv.length !== 3 || argv[0] !== "p" || argv[2] !== "end") throw new Error(`${argv.length} elements`);
    // Text is what was written; the others are one of what the catalog allows.
    const read = argument.kind === "text" ? value : values["x"];
    return { sent: argv[1] ?? "", wanted: `${before}${read}${behind}` };
  } catch (error) {
    if (error instanceof Invalid) return { refused: error.message };
    throw error;
  }
}

test("500 hostile values for every kind of argument", async () => {
  const supervisor = await openTaskSupervisor();
  try {
    await supervisor.program("argv", PROGRAM);
    const tried = KINDS.map((kind) => HOSTILE.map((value) => filled(kind, value)));
    const refused = tried.map((all) => all.flatMap((one) => ("refused" in one ? [one.refused] : [])));
    expect(refused.flat().filter((said) => !/^`x` (must|has) .*\.$/.test(said))).toEqual([]);
    const passed = tried.flat().flatMap((one) => ("refused" in one ? [] : [one]));
    for (let at = 0; at < passed.length; at += 400) {
      const some = passed.slice(at, at + 400);
      const { outcome } = await runTask(supervisor, ["node", "argv.mjs", ...some.map(({ sent }) => sent)]);
      expect(outcome.kind).toBe("done");
      const reached: unknown = JSON.parse(await readFile(supervisor.path("argv.json"), "utf8"));
      expect(reached).toEqual(some.map(({ wanted }) => wanted));
    }
    // Of each kind many are refused, and of text many go through; an option is none of them, and no shell ever ran.
    expect(refused.filter((all) => all.length < 50)).toEqual([]);
    expect(passed.length).toBeGreaterThan(500);
    expect(passed.filter(({ sent }) => /^-(?!-n=|-text=)/.test(sent))).toEqual([]);
    await expect(readFile(supervisor.path("pwned"))).rejects.toThrow("ENOENT");
  } finally {
    await supervisor.close();
  }
});

const PROGRAM = `import { writeFileSync } from "node:fs";
writeFileSync("argv.json", JSON.stringify(process.argv.slice(2)));`;
