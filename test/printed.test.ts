import { describe, expect, test } from "vitest";
import { throttleOutput } from "../jobs/output-throttle.ts";
import { boundedOutput, isMore } from "../src/domain/program-output.ts";
import { outputMessage } from "../src/slack/output-message.ts";
import { golden, goldenFile } from "./views.golden.ts";

/** What a program prints: what of it stands on the card while it runs, and what is kept at the end. */

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
}

describe("on the card", () => {
  test("the first lines as they come, then now and then the newest, and at the end the last", () => {
    const told: string[] = [];
    const output = throttleOutput((line) => void told.push(line));
    numbered(1, 20).forEach(output.report);
    expect(told.splice(0)).toEqual(numbered(1, 8));
    output.tick();
    output.tick();
    expect(told.splice(0)).toEqual(["line 20"]);
    numbered(21, 22).forEach(output.report);
    expect(output.end()).toEqual({ lines: numbered(1, 22), forgotten: 0 });
    expect(told.splice(0)).toEqual(numbered(21, 22));
  });

  test("of very much the newest is remembered, and the last lines are told all the same", () => {
    const told: string[] = [];
    const output = throttleOutput((line) => void told.push(line));
    numbered(1, 5_000).forEach(output.report);
    expect(output.end()).toEqual({ lines: numbered(3_001, 5_000), forgotten: 3_000 });
    expect(told.slice(8)).toEqual(numbered(4_993, 5_000));
  });

  test("where nothing is printed nothing is told", () => {
    const output = throttleOutput(() => expect.unreachable());
    output.tick();
    expect(output.end()).toEqual({ lines: [], forgotten: 0 });
  });
});

describe("at the end", () => {
  test.each([
    ["as much as the card shows", { lines: numbered(1, 8), forgotten: 0 }, false],
    ["a line more", { lines: numbered(1, 9), forgotten: 0 }, true],
    ["a line that is too long for it", { lines: ["x".repeat(201)], forgotten: 0 }, true],
    ["what nobody remembers", { lines: ["x"], forgotten: 20 }, true],
    ["nothing", { lines: [], forgotten: 0 }, false],
  ])("%s", (_, printed, more) => {
    expect(isMore(printed)).toBe(more);
  });

  test("all of it is kept, or the end with what is missing", () => {
    expect(boundedOutput({ lines: ["a", "b"], forgotten: 0 })).toEqual({ text: "a\nb\n", lines: 2, cut: 0 });
    const much = boundedOutput({ lines: numbered(1, 10_000), forgotten: 7 });
    expect(much.lines).toBe(10_007);
    expect(much.text.length).toBeLessThan(50_000);
    expect(much.text).toMatch(new RegExp(`^… the first ${much.cut} lines are not kept\nline ${much.cut - 6}\n`));
    expect(much.text).toMatch(/line 9999\nline 10000\n$/);
  });
});

const SHORT = boundedOutput({ lines: ["*packing*", "```", "<!channel> done & dusted"], forgotten: 20 });

test.each([
  [
    "file",
    outputMessage("op-17", boundedOutput({ lines: numbered(1, 30), forgotten: 0 }), { id: "F1", title: "op-17.txt" }),
  ],
  ["no-file", outputMessage("op-17", SHORT, null)],
])("message of an output, %s", async (name, message) => {
  await expect(golden(message)).toMatchFileSnapshot(goldenFile(`output.${name}`));
});
