import { isObject } from "../domain/json-object.ts";
/** What Slack takes: the sizes that it refuses a message or a view for, and two rules of our own (verbatim text, a total of 13,000). */

const TEXT_LIMITS: Readonly<Record<string, number>> = {
  header: 150,
  section: 3_000,
  context: 3_000,
  button: 75,
  option: 75,
  input: 2_000,
};
const STRING_LIMITS: Readonly<Record<string, number>> = {
  action_id: 255,
  block_id: 255,
  callback_id: 255,
  private_metadata: 3_000,
};
const LENGTH_LIMITS: Readonly<Record<string, readonly [field: string, most: number]>> = {
  actions: ["elements", 25],
  context: ["elements", 10],
  overflow: ["options", 5],
  static_select: ["options", 100],
  radio_buttons: ["options", 10],
};
/** Of a message Slack does not say it, and refuses about 13,200; a view is `view_too_large` from 250 kB on. */
const TOTALS = { message: 13_000, view: 200_000 } as const;

type Node = Readonly<Record<string, unknown>>;

/** Everything that Slack would refuse in a message (`{ text, blocks }`) or a view, as sentences; empty when it is fine. */
export function checkLimits(drawn: object): string[] {
  const root = { ...drawn } as Node;
  const blocks = listOf(root["blocks"]);
  const most = "type" in root ? 100 : 50;
  const problems = blocks.length > most ? [`${blocks.length} blocks, at most ${most}`] : [];
  const total = JSON.stringify(blocks).length;
  const mostTogether = "type" in root ? TOTALS.view : TOTALS.message;
  if (total > mostTogether) problems.push(`${total} characters of blocks, at most ${mostTogether}`);
  if (typeof root["text"] === "string" && (root["text"].length === 0 || root["text"].length > 4_000))
    problems.push("text must have 1 to 4,000 characters");
  for (const name of ["title", "submit", "close"]) problems.push(...textProblems(root[name], 24, name));
  problems.push(...stringProblems(root, "view"), ...repeated(blocks, "block_id", "blocks"));
  return [...problems, ...blocks.flatMap((block, index) => nodeProblems(block, `blocks[${index}]`))];
}

function nodeProblems(node: Node, path: string): string[] {
  const type = typeof node["type"] === "string" ? node["type"] : "option";
  const problems = stringProblems(node, path);
  const [field, most] = LENGTH_LIMITS[type] ?? [];
  if (field !== undefined && most !== undefined) {
    const { length } = listOf(node[field]);
    if (length === 0 || length > most) problems.push(`${path}: ${length} ${field}, between 1 and ${most}`);
  }
  problems.push(...textProblems(node["text"], TEXT_LIMITS[type] ?? 3_000, `${path}.text`));
  problems.push(
    ...textProblems(node["label"], 2_000, `${path}.label`),
    ...textProblems(node["placeholder"], 150, `${path}.placeholder`),
  );
  problems.push(
    ...textProblems(node["hint"], 2_000, `${path}.hint`),
    ...textProblems(node["description"], 75, `${path}.description`),
  );
  const valueLimit = type === "option" ? 150 : 2_000;
  if (typeof node["value"] === "string" && (node["value"] === "" || node["value"].length > valueLimit))
    problems.push(`${path}.value: 1 to ${valueLimit}`);
  if (isObject(node["confirm"])) problems.push(...confirmProblems(node["confirm"], `${path}.confirm`));
  problems.push(...repeated(listOf(node["elements"]), "action_id", path));
  for (const name of ["elements", "options"]) {
    problems.push(
      ...listOf(node[name]).flatMap((child, index) =>
        isText(child)
          ? textProblems(child, 3_000, `${path}.${name}[${index}]`)
          : nodeProblems(child, `${path}.${name}[${index}]`),
      ),
    );
  }
  for (const name of ["accessory", "element"])
    if (isObject(node[name])) problems.push(...nodeProblems(node[name], `${path}.${name}`));
  return problems;
}

function confirmProblems(confirm: Node, path: string): string[] {
  return [
    ...textProblems(confirm["title"], 100, `${path}.title`),
    ...textProblems(confirm["text"], 300, `${path}.text`),
    ...textProblems(confirm["confirm"], 30, `${path}.confirm`),
    ...textProblems(confirm["deny"], 30, `${path}.deny`),
  ];
}

function textProblems(node: unknown, most: number, path: string): string[] {
  if (!isObject(node)) return [];
  const text = typeof node["text"] === "string" ? node["text"] : "";
  const problems =
    text.length === 0 || text.length > most ? [`${path}: ${text.length} characters, between 1 and ${most}`] : [];
  if (node["type"] === "mrkdwn" && node["verbatim"] !== true) problems.push(`${path}: mrkdwn must be verbatim`);
  return problems;
}

function stringProblems(node: Node, path: string): string[] {
  return Object.entries(STRING_LIMITS).flatMap(([name, most]) => {
    const value = node[name];
    return typeof value === "string" && value.length > most
      ? [`${path}.${name}: ${value.length} characters, at most ${most}`]
      : [];
  });
}

function repeated(nodes: readonly Node[], name: string, path: string): string[] {
  const values = nodes.map((node) => node[name]).filter((value) => value !== undefined);
  return new Set(values).size === values.length ? [] : [`${path}: ${name} given twice`];
}

function listOf(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isText(node: Node): boolean {
  return node["type"] === "mrkdwn" || node["type"] === "plain_text";
}
