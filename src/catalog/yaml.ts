import { isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import type { Document, Node, ParsedNode } from "yaml";
import type { Complaint, Path } from "./complaints.ts";

/** YAML text as a plain value that still knows where each part of it was written. */

export type Place = { readonly line: number; readonly column: number };

export type Source = {
  readonly value: unknown;
  /** Where the path, or the deepest part of it that exists, stands in the text; both count from 1. */
  place(path: Path, at: Complaint["at"]): Place;
};

export type Misread = Place & { readonly message: string; readonly hint?: string | undefined };

/** Bytes that a catalog may have. */
export const LARGEST = 1024 * 1024;

/** Reads one document of the YAML 1.2 core schema, without aliases, tags of one's own, or a key given twice. */
export function readYaml(text: string): { source: Source } | { misread: Misread[] } {
  if (Buffer.byteLength(text) > LARGEST) {
    return {
      misread: [{ line: 1, column: 1, message: "The file is larger than 1 MiB.", hint: "Is it the right file?" }],
    };
  }
  if (text.trim() === "") return { misread: [EMPTIED] };
  const lines = new LineCounter();
  const document = parse(text, lines);
  if (document === undefined) return { misread: [TOO_DEEP] };
  const misread = [...syntaxErrors(document, lines), ...forbidden(document, lines)];
  if (misread.length > 0) return { misread };
  return {
    source: {
      value: document.toJS() as unknown,
      place: (path, at) => placed(lines, markOf(document.contents, path, at)),
    },
  };
}

/** As a file is left whose writer ran out of disk; taken at its word it would end everything that is watched. */
const EMPTIED: Misread = {
  line: 1,
  column: 1,
  message: "The file is empty.",
  hint: "Write `services: {}` where nothing is to be watched.",
};
const TOO_DEEP: Misread = { line: 1, column: 1, message: "The file is nested too deeply to be a catalog." };

/** Undefined when the parser, which descends by recursion, ran out of stack: that is a file of brackets, not a bug. */
function parse(text: string, lines: LineCounter): Document.Parsed | undefined {
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      version: "1.2",
      schema: "core",
      stringKeys: true,
      prettyErrors: false,
      logLevel: "error",
      // Compared by `forbidden` instead: the library's own comparison takes quadratic time.
      uniqueKeys: false,
    });
    return document.errors.some((error) => error.message.includes("call stack")) ? undefined : document;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function syntaxErrors(document: Document.Parsed, lines: LineCounter): Misread[] {
  const errors = [...document.errors, ...document.warnings];
  const places = new Set(errors.map((error) => error.pos[0]));
  return [...places].slice(0, 20).map((offset) => {
    const error = errors.find((each) => each.pos[0] === offset);
    return {
      ...at(lines, offset),
      message: MESSAGES[error?.code ?? ""] ?? `This is not valid YAML: ${firstLine(error?.message ?? "")}`,
      hint: HINTS[error?.code ?? ""],
    };
  });
}

const MESSAGES: Readonly<Partial<Record<string, string>>> = {
  MULTIPLE_DOCS: "The file holds more than one YAML document.",
  NON_STRING_KEY: "A key must be a plain word.",
};

const HINTS: Readonly<Partial<Record<string, string>>> = {
  TAB_AS_INDENT: "Indent with spaces.",
  BAD_INDENT: "Lines of one level must begin in the same column, and every bracket needs its end.",
  MISSING_CHAR: "A quote or bracket is not closed, or a colon is missing.",
  MULTIPLE_DOCS: "Keep everything in one document; remove the line `---`.",
  TAG_RESOLVE_FAILED: "Tags (words that begin with `!`) are not supported; write the plain value.",
  BAD_ALIAS: "A word that begins with `*` must be in quotes.",
};

function firstLine(message: string): string {
  const line = message.split("\n", 1)[0] ?? "";
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** What YAML allows and a catalog does not, because a reader would not see what it stands for. */
function forbidden(document: Document.Parsed, lines: LineCounter): Misread[] {
  const found: Misread[] = [];
  function report(node: unknown, message: string, hint: string): void {
    if (found.length < 20) found.push({ ...placed(lines, node as Node | null), message, hint });
  }
  visit(document, {
    Alias(_, node) {
      report(
        node,
        "Aliases (`*name`) are not supported.",
        "Write the value out; text that begins with `*` needs quotes.",
      );
    },
    Map(_, map) {
      const keys = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (keys.has(name)) report(key, `\`${name}\` is given twice.`, "Keep one of them.");
        if (name === "__proto__") report(key, "`__proto__` cannot be a key.", "Choose another name.");
        keys.add(name);
      }
    },
  });
  return found;
}

function markOf(root: ParsedNode | null, path: Path, wanted: Complaint["at"]): Node | null {
  let node: unknown = root;
  let key: Node | null = null;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === part);
      if (pair === undefined) return key ?? (node as Node);
      key = pair.key as Node;
      node = pair.value;
    } else if (isSeq(node) && typeof part === "number") {
      const entry = node.items[part];
      if (entry === undefined) return key ?? (node as Node);
      key = entry as Node;
      node = entry;
    } else {
      return key ?? (node as Node | null);
    }
  }
  const empty = !isCollection(node) && !isAlias(node) && (!isScalar(node) || node.value === null);
  return wanted === "key" || empty || isCollection(node) ? (key ?? (node as Node | null)) : (node as Node);
}

function placed(lines: LineCounter, node: Node | null): Place {
  return at(lines, node?.range?.[0] ?? 0);
}

function at(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
