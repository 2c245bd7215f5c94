import { expect, test } from "vitest";
import { helpLine, helpLines } from "../src/command/help.ts";
import { VERBS, verbWords } from "../src/command/verbs.ts";
import { helpText } from "./support/help-text.ts";

test("the whole help", async () => {
  await expect(`${helpText({ demo: true })}\n`).toMatchFileSnapshot("golden/help.txt");
});

test("the demo's verb is only there in the demo", () => {
  expect(helpLines({ demo: true }).map(({ verb }) => verb)).toContain("demo");
  expect(helpLines({ demo: false }).map(({ verb }) => verb)).not.toContain("demo");
});

test("every verb is in the help once, with a sentence", () => {
  const lines = helpLines({ demo: true });
  expect(lines.map(({ verb }) => verb).toSorted()).toEqual(Object.keys(VERBS).toSorted());
  expect(lines.filter(({ sentence }) => !/^[A-Z].*\.$|^[A-Z].*`\.$/.test(sentence))).toEqual([]);
});

test("one verb in full", () => {
  expect(helpLine("own")).toEqual({
    verb: "own",
    usage: "/day2 own #id…|service [for 2h]",
    sentence: "Takes items: from now on they are yours. Acknowledges them too. With a service: all that nobody has.",
    group: "Take care",
    aliases: ["take"],
  });
});

test("no word stands for two verbs, however it is spelled", () => {
  const spellings = [...verbWords({ demo: true })].map(([word, verb]) => [word.replaceAll("-", ""), verb] as const);
  expect(spellings.filter(([word, verb]) => new Map(spellings).get(word) !== verb)).toEqual([]);
});
