import { Refusal, type Obj } from "./object.ts";

/** The patches that the API takes, as their documents define them: RFC 7386, RFC 6902, and Kubernetes' own. */

export function patched(type: string, before: Obj, patch: unknown): Obj {
  const apply = PATCHES[type.split(";")[0]?.trim() ?? ""];
  if (apply === undefined)
    throw new Refusal(
      415,
      "UnsupportedMediaType",
      `the body of the request was in an unknown format - accepted media types include: ${Object.keys(PATCHES).join(", ")}`,
    );
  return apply(structuredClone(before), patch) as Obj;
}

const PATCHES: Readonly<Record<string, (before: unknown, patch: unknown) => unknown>> = {
  "application/json-patch+json": jsonPatch,
  "application/merge-patch+json": merge,
  "application/strategic-merge-patch+json": strategic,
};

function isObject(value: unknown): value is Obj {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merge(before: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Obj = isObject(before) ? before : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

/** By which field the elements of a list are the same one; other lists are replaced whole. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  env: "name",
  volumes: "name",
  volumeMounts: "mountPath",
  ports: "containerPort",
};

function strategic(before: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const { $patch, ...fields } = patch;
  if ($patch === "replace") return fields;
  const merged: Obj = isObject(before) ? before : {};
  for (const [key, value] of Object.entries(fields)) {
    const by = MERGE_KEYS[key];
    if (value === null) delete merged[key];
    else if (Array.isArray(value) && by !== undefined)
      merged[key] = mergedList(merged[key] as Obj[] | undefined, value, by);
    else merged[key] = strategic(merged[key], value);
  }
  return merged;
}

function mergedList(before: Obj[] = [], patch: Obj[], by: string): Obj[] {
  const list = [...before];
  for (const element of patch) {
    const at = list.findIndex((each) => each[by] === element[by]);
    if (element["$patch"] === "delete") list.splice(at, at === -1 ? 0 : 1);
    else if (at === -1) list.push(element);
    else list[at] = strategic(list[at], element) as Obj;
  }
  return list;
}

type Operation = { readonly op: string; readonly path: string; readonly from?: string; readonly value?: unknown };

function jsonPatch(before: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new Refusal(400, "BadRequest", "a JSON patch is a list of operations");
  return (patch as Operation[]).reduce(operated, before);
}

function operated(document: unknown, { op, path, value }: Operation): unknown {
  const keys = path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.at(-1);
  const parent = keys.slice(0, -1).reduce<unknown>((inner, key) => (inner as Obj | undefined)?.[key], document);
  if (last === undefined || typeof parent !== "object" || parent === null) throw unprocessable();
  const isThere = Object.hasOwn(parent, last);
  const there: unknown = (parent as Obj)[last];
  if (op === "test" && (!isThere || JSON.stringify(there) !== JSON.stringify(value))) throw unprocessable();
  if ((op === "replace" || op === "remove") && !isThere) throw unprocessable();
  if (!["add", "remove", "replace", "test"].includes(op)) throw unprocessable();
  if (Array.isArray(parent) && op === "add") parent.splice(last === "-" ? parent.length : Number(last), 0, value);
  else if (Array.isArray(parent) && op === "remove") parent.splice(Number(last), 1);
  else if (op === "remove") delete (parent as Obj)[last];
  else if (op !== "test") (parent as Obj)[last] = value;
  return document;
}

function unprocessable(): Refusal {
  return new Refusal(422, "Invalid", "the server rejected our request due to an error in our request");
}
