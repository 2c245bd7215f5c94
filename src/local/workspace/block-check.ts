/** Says what Slack would say about blocks and views that break its rules. */

import type { z } from "zod";
import { INTERACTIVE } from "./block-elements.ts";
import { BLOCK_TYPES, home, modal } from "./blocks.ts";
import type { Surface } from "./blocks.ts";
import { fieldsOf, isFields, listOf, textOf } from "../json.ts";
import type { Fields } from "../json.ts";
import { randomId } from "./world.ts";

export interface Problem {
  /** JSON pointer, such as `/blocks/0/text/text`. */
  pointer: string;
  reason: string;
}

const MOST_BLOCKS: Record<Surface, number> = { message: 50, modal: 100, home: 100 };
const MOST_TABLE_CHARACTERS = 10_000;
const MOST_MARKDOWN_CHARACTERS = 12_000;
const MOST_CHARTS = 2;

/** The length of a message's blocks as JSON from which on Slack says `msg_blocks_too_long`. */
export const MOST_BLOCK_JSON = 13_200;

export function blockProblems(blocks: unknown[], surface: Surface, at = "/blocks"): Problem[] {
  const problems = blocks.flatMap((block, index) => problemsOf(block, surface, `${at}/${index}`));
  if (blocks.length > MOST_BLOCKS[surface]) {
    problems.push({
      pointer: at,
      reason: `no more than ${MOST_BLOCKS[surface]} items allowed [max: ${MOST_BLOCKS[surface]}]`,
    });
  }
  return [...problems, ...repeatedIds(blocks, at), ...(surface === "message" ? sums(blocks, at) : [])];
}

export function viewProblems(view: Fields, surface: "modal" | "home"): Problem[] {
  const schema = surface === "modal" ? modal : home;
  const blocks = listOf(view["blocks"]);
  const problems = zodProblems(schema.safeParse(view), "/view");
  if (!Array.isArray(view["blocks"])) problems.push({ pointer: "/view", reason: "missing required field: blocks" });
  const asks = blocks.some((block) => fieldsOf(block)["type"] === "input");
  if (surface === "modal" && asks && view["submit"] === undefined) {
    problems.push({ pointer: "/view", reason: "missing required field: submit, as there is an input block" });
  }
  return [...problems, ...blockProblems(blocks, surface, "/view/blocks")];
}

/** The sentence of `response_metadata.messages`. */
export function sentence({ pointer, reason }: Problem): string {
  return `[ERROR] ${reason} [json-pointer:${pointer}]`;
}

/** Gives every block and every interactive element the id that Slack gives when there is none. */
export function withIds(blocks: unknown[]): Fields[] {
  return blocks.map((block) => {
    const named = nameElements(block) as Fields;
    return { ...named, block_id: named["block_id"] ?? randomId("b") };
  });
}

function nameElements(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nameElements);
  if (!isFields(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, nameElements(one)]));
  if (Array.isArray(inner["child_blocks"])) inner["child_blocks"] = withIds(inner["child_blocks"]);
  const needsId = INTERACTIVE.has(textOf(inner["type"])) && inner["action_id"] === undefined;
  return needsId ? { ...inner, action_id: randomId("a") } : inner;
}

function problemsOf(block: unknown, surface: Surface, pointer: string): Problem[] {
  const type = textOf(fieldsOf(block)["type"]);
  const rule = BLOCK_TYPES.get(type);
  if (rule === undefined) return [{ pointer: `${pointer}/type`, reason: `unsupported type: ${type}` }];
  if (!rule.on.includes(surface)) {
    return [{ pointer: `${pointer}/type`, reason: `unsupported type: ${type} is not allowed in a ${surface}` }];
  }
  return zodProblems(rule.schema.safeParse(block), pointer);
}

function zodProblems(parsed: z.ZodSafeParseResult<unknown>, pointer: string): Problem[] {
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => ({
    pointer: [pointer, ...issue.path.map(String)].join("/"),
    reason: reasonOf(issue),
  }));
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "too_big") {
    return issue.origin === "string"
      ? `must be less than ${Number(issue.maximum) + 1} characters`
      : `no more than ${issue.maximum} items allowed [max: ${issue.maximum}]`;
  }
  if (issue.code === "too_small") {
    return issue.origin === "string"
      ? `must be more than ${Number(issue.minimum) - 1} characters`
      : `no fewer than ${issue.minimum} items allowed`;
  }
  if (issue.code === "unrecognized_keys") return `invalid additional property: ${issue.keys.join(", ")}`;
  if (issue.code === "invalid_union") return "unsupported type";
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
    return `missing required field: ${String(issue.path.at(-1))}`;
  }
  return issue.message;
}

function repeatedIds(blocks: unknown[], at: string): Problem[] {
  const seen = new Set<string>();
  return blocks.flatMap((block, index) => {
    const { block_id } = fieldsOf(block);
    const actions = actionIds(block);
    const twice = actions.find((one, place) => actions.indexOf(one) !== place);
    const problems: Problem[] = [];
    if (twice !== undefined)
      problems.push({ pointer: `${at}/${index}`, reason: `\`action_id\` "${twice}" already exists` });
    if (typeof block_id === "string" && seen.has(block_id)) {
      problems.push({ pointer: `${at}/${index}`, reason: `\`block_id\` "${block_id}" already exists` });
    }
    if (typeof block_id === "string") seen.add(block_id);
    return problems;
  });
}

function actionIds(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(actionIds);
  if (!isFields(value)) return [];
  const own = typeof value["action_id"] === "string" ? [value["action_id"]] : [];
  return [...own, ...Object.values(value).flatMap(actionIds)];
}

function sums(blocks: unknown[], at: string): Problem[] {
  const problems: Problem[] = [];
  if (ofType(blocks, "data_visualization").length > MOST_CHARTS) {
    problems.push({ pointer: at, reason: `no more than ${MOST_CHARTS} data_visualization blocks allowed` });
  }
  const cells = ofType(blocks, "table", "data_table").flatMap((block) => listOf(block["rows"]).flatMap(listOf));
  if (characters(cells) > MOST_TABLE_CHARACTERS) {
    problems.push({
      pointer: at,
      reason: `tables must have less than ${MOST_TABLE_CHARACTERS + 1} characters together`,
    });
  }
  const markdown = ofType(blocks, "markdown").reduce((sum, block) => sum + textOf(block["text"]).length, 0);
  if (markdown > MOST_MARKDOWN_CHARACTERS) {
    problems.push({
      pointer: at,
      reason: `markdown must be less than ${MOST_MARKDOWN_CHARACTERS + 1} characters together`,
    });
  }
  return problems;
}

function ofType(blocks: unknown[], ...types: string[]): Fields[] {
  return blocks.map(fieldsOf).filter((block) => types.includes(textOf(block["type"])));
}

function characters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + characters(one), 0);
  if (!isFields(value)) return 0;
  return textOf(value["text"]).length + characters(value["elements"]);
}
