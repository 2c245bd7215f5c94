import { z } from "zod";
import { nearest } from "../domain/nearest.ts";

/** What is wrong in a catalog, as sentences: the findings of zod in plain words, and our own beside them. */

export type Path = readonly (string | number)[];

/** Something wrong at a path. `at` says whether the key or its value is to blame. */
export type Complaint = {
  readonly path: Path;
  readonly at: "key" | "value";
  readonly message: string;
  readonly hint?: string | undefined;
};

export type Complaints = {
  readonly list: readonly Complaint[];
  /** Notes something wrong with the value at a path. */
  add(path: Path, message: string, hint?: string): void;
  /** Notes something wrong with the key at a path. */
  addKey(path: Path, message: string, hint?: string): void;
  /** The value as the schema understands it; undefined, and noted, when it does not. `besides`: keys that another schema takes. */
  shape<Schema extends z.ZodType>(
    schema: Schema,
    value: unknown,
    path: Path,
    besides?: readonly string[],
  ): z.output<Schema> | undefined;
  /** The same for a map, of which the parts that are right are kept, so that one mistake hides no other. */
  parts<Schema extends z.ZodObject>(schema: Schema, value: unknown, path: Path): Partial<z.output<Schema>>;
};

/** More than anybody reads; a file that has more is wrong as a whole. */
const MOST = 200;

export function collectComplaints(): Complaints {
  const list: Complaint[] = [];
  function note(complaint: Complaint): void {
    if (list.length < MOST) list.push(complaint);
  }
  function shape<Schema extends z.ZodType>(
    schema: Schema,
    value: unknown,
    path: Path,
    besides: readonly string[] = [],
  ): z.output<Schema> | undefined {
    const read = schema.safeParse(value, { error: predicate, reportInput: true });
    if (read.success) return read.data;
    for (const issue of read.error.issues) complain(issue, schema, path, [], besides).forEach(note);
    return undefined;
  }
  return {
    list,
    shape,
    add: (path, message, hint) => note({ path, at: "value", message, hint }),
    addKey: (path, message, hint) => note({ path, at: "key", message, hint }),
    parts: (schema, value, path) => shape(schema, value, path) ?? partsOf(schema, value),
  };
}

function partsOf<Schema extends z.ZodObject>(schema: Schema, value: unknown): Partial<z.output<Schema>> {
  const given: Record<string, unknown> = typeof value === "object" && value !== null ? { ...value } : {};
  const right = Object.entries(schema.shape).flatMap(([key, field]) => {
    const read = z.safeParse(field, given[key]);
    return read.success ? [[key, read.data]] : [];
  });
  return Object.fromEntries(right) as Partial<z.output<Schema>>;
}

/** " Did you mean `x`?" as a hint, or the list of what there is when nothing is near. */
export function suggestion(word: string, known: readonly string[], otherwise = "Known"): string | undefined {
  const near = nearest(word, known);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  if (known.length === 0) return undefined;
  const shown = known.slice(0, 12).map((each) => `\`${each}\``);
  return `${otherwise}: ${shown.join(", ")}${known.length > shown.length ? " …" : "."}`;
}

type Issue = z.core.$ZodIssue;

function complain(issue: Issue, schema: z.ZodType, base: Path, inner: Path, besides: readonly string[]): Complaint[] {
  const within = [...inner, ...(issue.path as (string | number)[])];
  const path = [...base, ...within];
  if (issue.input === undefined && (issue.code === "invalid_type" || issue.code === "invalid_union")) {
    const advice = issue.message === MISSING ? undefined : sentence(path, issue.message);
    return [{ path, at: "value", message: `${subject(path)} ${MISSING}.`, hint: advice }];
  }
  if (issue.code === "unrecognized_keys") {
    const known = [...keysAt(schema, within), ...(within.length === 0 ? besides : [])];
    return issue.keys.map((key) => ({
      path: [...path, key],
      at: "key",
      message: `\`${key}\` is not known here.`,
      hint: suggestion(key, known, "Possible"),
    }));
  }
  if (issue.code === "invalid_union" && issue.message === ONE_OF_SEVERAL) {
    const branch = issue.errors.find((each) => each.every((one) => !failsAtRoot(one)));
    if (branch !== undefined) return branch.flatMap((each) => complain(each, schema, base, within, besides));
    const wanted = new Set(issue.errors.flat().map((each) => each.message.replace(/^must be /, "").split(", not ")[0]));
    return [{ path, at: "value", message: sentence(path, `must be ${[...wanted].join(" or ")}`) }];
  }
  return [{ path, at: "value", message: sentence(path, issue.message), hint: hintFor(issue, path) }];
}

function failsAtRoot(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code !== "unrecognized_keys" && issue.code !== "custom";
}

function hintFor(issue: Issue, path: Path): string | undefined {
  if (issue.code === "invalid_value" && typeof issue.input === "string") {
    const near = nearest(issue.input, issue.values.map(String));
    return near === undefined ? undefined : `Did you mean \`${near}\`?`;
  }
  if (issue.input === null && path.at(-1) === "channel")
    return '`#` begins a comment in YAML: write the name in quotes, "#ops".';
  return undefined;
}

/** Predicates such as "must be text" get the key as their subject; whole sentences of a schema's author stay as they are. */
function sentence(path: Path, message: string): string {
  const said = /^(must|is|has|needs|cannot)\b/.test(message) ? `${subject(path)} ${message}` : message;
  return /[.!?]$/.test(said) ? said : `${said}.`;
}

function subject(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return "The catalog";
  return typeof last === "number" ? `Entry ${last + 1}` : `\`${last}\``;
}

const MISSING = "is missing";
const ONE_OF_SEVERAL = "must be one of several shapes";

const NAMES: Readonly<Partial<Record<string, string>>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map (`key: value` lines)",
  record: "a map (`key: value` lines)",
  array: "a list",
  null: "empty",
};

/** zod's own wording is for programmers; what a schema's author wrote goes before this. */
function predicate(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== "unrecognized_keys") return MISSING;
  switch (issue.code) {
    case "invalid_type":
      if (issue.expected === "int" && typeof issue.input === "number") return "must be a whole number";
      return `must be ${NAMES[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}`;
    case "invalid_value":
      return `must be ${issue.values
        .map((value) => `\`${String(value)}\``)
        .join(", ")
        .replace(/, ([^,]*)$/, " or $1")}`;
    case "invalid_union":
      return ONE_OF_SEVERAL;
    case "too_small":
      return bound(issue.origin, "least", issue.minimum);
    case "too_big":
      return bound(issue.origin, "most", issue.maximum);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return issue.format === "url"
        ? "must be a URL, such as https://example.com/path"
        : "is not in the form expected here";
    case "custom":
    case "invalid_element":
    case "invalid_key":
    case "unrecognized_keys":
      return undefined;
  }
}

function bound(origin: string, side: "least" | "most", limit: number | bigint): string {
  if (origin === "string")
    return side === "least" && limit === 1 ? "must not be empty" : `must have at ${side} ${limit} characters`;
  if (origin === "array" || origin === "set")
    return `must have at ${side} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  return `must be at ${side} ${limit}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  return NAMES[typeof value] ?? typeof value;
}

/** The keys that the schema knows at a path, through optional, default, list and choice. */
function keysAt(schema: unknown, path: Path): string[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => keysAt(option, path));
  if (schema instanceof z.ZodPipe) return keysAt(schema.in, path);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return keysAt(schema.unwrap(), path);
  }
  const [first, ...rest] = path;
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, unknown> = schema.shape;
    return first === undefined ? Object.keys(shape) : keysAt(shape[first], rest);
  }
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest);
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest);
  return [];
}
