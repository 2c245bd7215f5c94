/** An append-only file of JSON lines: what survives a restart of the workspace. */

import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isFields, parseJson } from "../json.ts";
import type { Fields } from "../json.ts";

export interface Entry extends Fields {
  kind: "message" | "gone" | "home" | "dm" | "file";
}

export interface Journal {
  append(entry: Entry): void;
  /** Every entry so far, oldest first. A line torn by a crash is skipped. */
  read(): Entry[];
  /** Replaces the whole file, so that it stays as small as what it describes. */
  rewrite(entries: Entry[]): void;
}

export function openJournal(path: string | undefined): Journal {
  if (path === undefined) return { append() {}, read: () => [], rewrite() {} };
  mkdirSync(dirname(path), { recursive: true });
  return {
    append: (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`),
    read: () => (existsSync(path) ? readFileSync(path, "utf8").split("\n").map(parseJson).filter(isEntry) : []),
    rewrite(entries) {
      writeFileSync(`${path}.new`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      renameSync(`${path}.new`, path);
    },
  };
}

function isEntry(value: unknown): value is Entry {
  return isFields(value) && typeof value["kind"] === "string";
}
