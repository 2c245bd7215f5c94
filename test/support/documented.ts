import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The code that a document tells its reader to write, and how it gets into a tree. */

export type Written = {
  /** For complaints: "docs/adding-a-check.md, line 42". */
  readonly at: string;
  readonly language: string;
  readonly text: string;
  /** The file that the sentence before it ends with: "A new file, `src/x.ts`:"; null where it ends otherwise. */
  readonly path: string | null;
};

const FENCE = /^```(\w+)\n([\s\S]*?)^```$/gm;
const NAMED = /`([^`\s]+\.\w+)`:$/;

/** Every fenced block of a document, in order. */
export function blocksOf(document: string, markdown: string): Written[] {
  return [...markdown.matchAll(FENCE)].map((match) => {
    const before = markdown.slice(0, match.index).trimEnd();
    return {
      at: `${document}, line ${markdown.slice(0, match.index).split("\n").length}`,
      language: match[1] ?? "",
      text: match[2] ?? "",
      path: NAMED.exec(before)?.[1] ?? null,
    };
  });
}

/** A block that belongs into a file; what is only to be read is in other languages. */
export type Edit = Written & { readonly path: string };

/** @throws Error where code does not say which file it is */
export function editsOf(document: string, markdown: string): Edit[] {
  return blocksOf(document, markdown)
    .filter(({ language }) => ["ts", "json", "diff"].includes(language))
    .map((block) => {
      if (block.path === null) throw new Error(`${block.at}: the sentence before does not end with the file's name.`);
      return { ...block, path: block.path };
    });
}

/** Writes a new file, or changes one. @throws Error when the tree is not as the document takes it to be */
export async function make(tree: string, edit: Edit): Promise<void> {
  const file = join(tree, edit.path);
  if (edit.language === "diff") return writeFile(file, changed(await readFile(file, "utf8"), edit));
  if (existsSync(file)) throw new Error(`${edit.at}: ${edit.path} is there already.`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, edit.text);
}

/** A text with the hunks of a diff applied, each to the one place that has its lines. */
export function changed(text: string, { at, path, text: diff }: Pick<Edit, "at" | "path" | "text">): string {
  const hunks = diff.split(/^@@.*\n/m).filter((hunk) => hunk !== "");
  return hunks.reduce((before, hunk) => {
    const lines = hunk.replace(/\n$/, "").split("\n");
    const [old, wanted] = ["+", "-"].map((other) =>
      lines.flatMap((line) => (line.startsWith(other) ? [] : [`${line.slice(1)}\n`])).join(""),
    ) as [string, string];
    const places = `\n${before}`.split(`\n${old}`);
    const [head = "", tail = ""] = places;
    if (old === "" || places.length !== 2)
      throw new Error(`${at}: ${path} has these lines ${places.length - 1} times instead of once:\n${old}`);
    return `${head}\n${wanted}${tail}`.slice(1);
  }, text);
}
