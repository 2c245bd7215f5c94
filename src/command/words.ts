import { Invalid } from "../errors.ts";

/**
 * A command's words, taken one after another from the left. Phones write curly quotes, long dashes and no-break
 * spaces: words are matched on a folded copy of the text, of the same length, and what people say in their own words
 * is cut from the text as they wrote it.
 */
export type Words = {
  /** What is left, folded and in small letters; for looking ahead. */
  readonly rest: string;
  /** Takes what the pattern matches at the beginning, with the spaces behind it; null, and nothing taken, when it does not match. */
  take(pattern: RegExp): RegExpExecArray | null;
  /** Takes the same way, and gives what was there as it was written, readable as plain text. */
  takeWritten(pattern: RegExp): string | null;
  /** Takes everything that is left, as it was written, readable as plain text. */
  takeText(): string;
};

/** Slack's own limit for what a person types is higher; nobody writes a command that long. */
const LONGEST = 3_000;

/** @throws Invalid when it is far too long to be a command. */
export function wordsOf(written: string): Words {
  let raw = written.replaceAll(INVISIBLE, "").trim();
  if (raw.length > LONGEST) {
    throw new Invalid(`That is ${raw.length} characters long; a command has at most ${LONGEST}.`, {
      hint: "Shorten the text.",
    });
  }
  let folded = fold(raw);
  function drop(length: number): void {
    const behind = folded.slice(length);
    const spaces = behind.length - behind.trimStart().length;
    raw = raw.slice(length + spaces);
    folded = behind.slice(spaces);
  }
  return {
    get rest() {
      return folded.toLowerCase();
    },
    take(pattern) {
      const match = atBeginning(pattern).exec(folded);
      if (match !== null) drop(match[0].length);
      return match;
    },
    takeWritten(pattern) {
      const match = atBeginning(pattern).exec(folded);
      if (match === null) return null;
      const text = raw.slice(0, match[0].length);
      drop(match[0].length);
      return readable(text);
    },
    takeText() {
      const text = unquoted(raw, folded);
      drop(folded.length);
      return readable(text);
    },
  };
}

/** By their source: making one costs more than using it. None is made of what somebody typed, so they are few. */
const atBeginnings = new Map<string, RegExp>();

function atBeginning({ source }: RegExp): RegExp {
  const made = atBeginnings.get(source) ?? new RegExp(`^(?:${source})`, "iu");
  atBeginnings.set(source, made);
  return made;
}

/** Zero-width and direction marks. The zero-width joiner stays: emoji are made with it. */
const INVISIBLE = /[\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/gu;

/** What a keyboard may put in the place of a plain sign; each pattern stands for one UTF-16 unit, so that lengths stay equal. */
const FOLDS: readonly (readonly [RegExp, string])[] = [
  [/[\u2010-\u2015\u2212\uFE58\uFE63]/g, "-"],
  [/[\u2018\u2019\u201A\u201B\u2032]/g, "'"],
  [/[\u201C-\u201F\u2033\u00AB\u00BB]/g, '"'],
  [/[\s\u00A0]/g, " "],
  // What cards show in the place of a colon, and people copy from there: "web∶v1+api∶v2".
  [/\u2236/g, ":"],
];

/** Full width, as East Asian keyboards write: "＃１４２", "web＝４". They stand in the order of ASCII. */
const WIDE = /[\uFF01-\uFF5E]/g;
const WIDTH = 0xff01 - 0x21;

function fold(text: string): string {
  const narrow = text.replaceAll(WIDE, (wide) => String.fromCharCode(wide.charCodeAt(0) - WIDTH));
  return FOLDS.reduce((folded, [pattern, plain]) => folded.replaceAll(pattern, plain), narrow);
}

/** Quotes around the whole text are how it was passed, not part of it. */
function unquoted(raw: string, folded: string): string {
  const quote = folded.at(0) ?? "";
  const whole = folded.length > 1 && (quote === '"' || quote === "'") && folded.indexOf(quote, 1) === folded.length - 1;
  return (whole ? raw.slice(1, -1) : raw).trim();
}

/** Slack's markup as people typed it: `<@U1|ana>` → "@ana", `<https://x|label>` → "https://x", `<http://x.com|x.com>` → "x.com", `&amp;` → "&". */
export function readable(text: string): string {
  return text
    .replaceAll(/<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g, (_, sign: string, id: string, label: string | undefined) => {
      if (sign === "" && label !== undefined && id === `http://${label}`) return label;
      if (sign === "") return id.replace(/^(?:mailto|tel):/, "");
      return `${sign === "#" ? "#" : "@"}${(label ?? id).replace(/^[@#]/, "")}`;
    })
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
