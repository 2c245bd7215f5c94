import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { checkLimits } from "../src/slack/limits.ts";
import { textsOf } from "./views.reader.ts";

const GOLDENS = readdirSync(new URL("golden/", import.meta.url)).filter((file) => file.startsWith("view."));

/** Words of the machinery, and what a missing value looks like. */
const FORBIDDEN = /\b(?:hash|fence|quorum|lease|hysteresis|undefined|null|NaN)\b|needs_human|\[object/i;

/** Everything that a golden shows to people. */
function shown(file: string): string[] {
  const text = readFileSync(new URL(`golden/${file}`, import.meta.url), "utf8");
  return file.endsWith(".json") ? strings(JSON.parse(text)) : [text];
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

test("there are goldens to look at", () => {
  expect(GOLDENS.length).toBeGreaterThan(60);
});

test.each(GOLDENS)("%s speaks plain English", (file) => {
  expect(shown(file).filter((text) => FORBIDDEN.test(text))).toEqual([]);
});

function text(length: number) {
  return { type: "mrkdwn", text: "x".repeat(length), verbatim: true };
}

/** The last of a chain, and nothing else, calls everybody in the channel. */
const CALLS_ALL = "view.told.channel.json";

test.each(GOLDENS)("%s holds no tag but people, groups, moments and web addresses", (file) => {
  const drawn: unknown = file.endsWith(".json")
    ? JSON.parse(readFileSync(new URL(`golden/${file}`, import.meta.url), "utf8"))
    : {};
  const tags = textsOf(drawn).flatMap((node) => (node.type === "mrkdwn" ? (node.text.match(/<[^>]*>/g) ?? []) : []));
  expect(
    tags.filter(
      (tag) => !/^<(?:@U[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^\d+\^[^|]+\|[^|]+|https:[^|]+\|[^|]+)>$/.test(tag),
    ),
  ).toEqual(file === CALLS_ALL ? ["<!channel>"] : []);
});

test("the limits are held against what is drawn", () => {
  const section = { type: "section", text: text(10) };
  const button = { type: "button", action_id: "a", value: "1", text: { type: "plain_text", text: "Go" } };
  expect(checkLimits({ text: "x", blocks: [section, { type: "actions", elements: [button] }] })).toEqual([]);
  expect(checkLimits({ text: "x", blocks: [{ type: "section", text: text(3_001) }] })).toEqual([
    "blocks[0].text: 3001 characters, between 1 and 3000",
  ]);
  expect(checkLimits({ text: "x", blocks: [{ type: "section", text: { type: "mrkdwn", text: "x" } }] })).toEqual([
    "blocks[0].text: mrkdwn must be verbatim",
  ]);
  expect(checkLimits({ text: "x", blocks: Array(51).fill(section) })).toEqual(["51 blocks, at most 50"]);
  expect(checkLimits({ type: "home", blocks: Array(51).fill(section) })).toEqual([]);
  expect(
    checkLimits({ type: "modal", title: { type: "plain_text", text: "x".repeat(25) }, blocks: [section] }),
  ).toEqual(["title: 25 characters, between 1 and 24"]);
  expect(checkLimits({ text: "", blocks: [section] })).toEqual(["text must have 1 to 4,000 characters"]);
  expect(checkLimits({ text: "x", blocks: Array(5).fill({ type: "section", text: text(2_900) }) })).toEqual([
    expect.stringMatching(/characters of blocks, at most 13000/),
  ]);
  expect(checkLimits({ text: "x", blocks: [{ type: "actions", elements: [button, button] }] })).toEqual([
    "blocks[0]: action_id given twice",
  ]);
  expect(
    checkLimits({
      text: "x",
      blocks: [
        {
          type: "actions",
          elements: [{ ...button, value: "x".repeat(2_001), text: { type: "plain_text", text: "x".repeat(76) } }],
        },
      ],
    }),
  ).toEqual(["blocks[0].elements[0].text: 76 characters, between 1 and 75", "blocks[0].elements[0].value: 1 to 2000"]);
  expect(checkLimits({ text: "x", blocks: [{ ...section, block_id: "a".repeat(256) }] })).toEqual([
    "blocks[0].block_id: 256 characters, at most 255",
  ]);
  const options = Array(6).fill({ text: { type: "plain_text", text: "x" }, value: "1" });
  expect(
    checkLimits({ text: "x", blocks: [{ ...section, accessory: { type: "overflow", action_id: "m", options } }] }),
  ).toEqual(["blocks[0].accessory: 6 options, between 1 and 5"]);
});
