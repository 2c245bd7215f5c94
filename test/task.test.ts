import { describe, expect, test } from "vitest";
import type { Service } from "../src/domain/catalog.ts";
import { shown, usageOf, type Task, type Values } from "../src/domain/task.ts";
import { taskNamed } from "../src/domain/declared-tasks.ts";
import { drawTask } from "../src/domain/task-plan.ts";
import { fillIn } from "../src/domain/task-values.ts";
import { CLEAR_CACHE } from "./support/task.ts";

/** A task and the values that somebody gives it: one command, of as many elements as the catalog has, or a sentence. */

const TARGET = { key: "shop/web", service: "shop", name: "web", provider: "local", settings: {} };

function argv(given: Values, task: Task = CLEAR_CACHE): readonly string[] {
  return fillIn(task, given).argv;
}

describe("filling in", () => {
  test("each value stands where its name stood, and what is not given is what it usually is", () => {
    expect(fillIn(CLEAR_CACHE, { region: "us" })).toEqual({
      values: { region: "us", days: "7", note: "none" },
      argv: ["bin/clear-cache", "--region", "us", "--keep=7", "none"],
    });
  });

  test("what a value holds is never filled in again, and means nothing to whoever replaces", () => {
    const note = "{days} $& $1 $(id) {note} \\ ; ' \" {";
    expect(argv({ region: "eu", note })).toEqual(["bin/clear-cache", "--region", "eu", "--keep=7", note]);
  });

  test("several values in one element, and one value in several", () => {
    const command = ["x", "{region}:{days}", "--again={region}", "{stray}", "{}"];
    expect(argv({ region: "eu", days: "3" }, { ...CLEAR_CACHE, command })).toEqual([
      "x",
      "eu:3",
      "--again=eu",
      "{stray}",
      "{}",
    ]);
  });

  test.each([
    [{ region: "EU" }, { region: "eu" }],
    [{ region: "asia–1" }, { region: "Asia-1" }],
    [{ region: "eu", days: "007" }, { days: "7" }],
    [{ region: "eu", days: " 30 " }, { days: "30" }],
  ])("%j is read as it is meant", (given, read) => {
    expect(fillIn(CLEAR_CACHE, given as Values).values).toMatchObject(read);
  });

  test.each([
    [{}, "`clear-cache` needs `region`: one of eu, us, Asia-1.", "Write `region=…`."],
    [{ region: "" }, "`region` must be one of eu, us, Asia-1."],
    [{ region: "eu " + "us" }, "`region` must be one of eu, us, Asia-1."],
    [{ region: "eu", days: "0" }, "`days` must be a whole number from 1 to 30."],
    [{ region: "eu", days: "31" }, "`days` must be a whole number from 1 to 30."],
    [{ region: "eu", days: "-1" }, "`days` must be a whole number from 1 to 30."],
    [{ region: "eu", days: "3.5" }, "`days` must be a whole number from 1 to 30."],
    [{ region: "eu", days: "1e1" }, "`days` must be a whole number from 1 to 30."],
    [{ region: "eu", days: "3; ls" }, "`days` must be a whole number from 1 to 30."],
    [{ region: "eu", note: "" }, "`note` must not be empty."],
    [{ region: "eu", note: "x".repeat(81) }, "`note` has 81 characters; at most 80."],
    [{ region: "eu", note: "--force" }, "`note` must not begin with `-`: the program would take it for an option."],
    [{ region: "eu", note: " x" }, "`note` must not begin or end with a space."],
    [{ region: "eu", note: "a\nb" }, "`note` must be one line of plain text, without characters that cannot be seen."],
    [{ region: "eu", nite: "x" }, "`clear-cache` takes no `nite`.", "Did you mean `note`?"],
    [{ region: "eu", constructor: "x" }, "`clear-cache` takes no `constructor`.", "It takes `region`, `days`, `note`."],
  ])("%j is refused with a sentence", (given, message, hint?: string) => {
    expect(() => fillIn(CLEAR_CACHE, given as unknown as Values)).toThrow(
      expect.objectContaining({ name: "Invalid", message, hint }),
    );
  });

  test("a text that does not begin an element may begin with a dash: no program takes it for an option", () => {
    const task = { ...CLEAR_CACHE, command: ["x", "--note={note}", "{region}", "{days}"] };
    expect(argv({ region: "eu", note: "-1 °C" }, task)).toEqual(["x", "--note=-1 °C", "eu", "7"]);
  });

  test("a command that nobody could read before approving it is refused", () => {
    const command = ["x", ...Array.from({ length: 14 }, () => "--note={note}"), "{region}", "{days}"];
    expect(() => argv({ region: "eu", note: "y".repeat(80) }, { ...CLEAR_CACHE, command })).toThrow(
      /^That makes a command of 12\d\d characters/,
    );
  });
});

describe("what is said of it", () => {
  test("its plan shows the whole command, however long, and binds it", () => {
    const note = `"${"a b ".repeat(19)}x"`;
    const { values, argv: filled } = fillIn(CLEAR_CACHE, { region: "us", note });
    const command = { argv: filled, timeout: 300_000, risk: "low" as const };
    const plan = drawTask({ task: "clear-cache", values, command }, TARGET);
    expect(plan.title).toBe(
      'Run clear-cache on shop (region us, days 7, note "a b a b a b a b a b a b a b a b a b a …)',
    );
    expect(plan.arguments).toEqual({ task: "clear-cache", values, command });
    expect(plan.risk).toBe("low");
    expect(plan.reasons.slice(0, -1).join("")).toBe(`Runs ${shown(filled)}`);
    expect(plan.reasons.at(-1)).toBe("Stopped after 5 minutes if it has not ended by then");
    expect(plan.stays).toEqual(["what the task itself does is not known to Daytwo, and cannot be taken back by it"]);
    expect(plan).not.toHaveProperty("undo");
  });

  test("how it is typed", () => {
    expect(usageOf("shop", CLEAR_CACHE)).toBe("/day2 run shop clear-cache region=eu|us|Asia-1 [days=7] [note=none]");
  });

  test("which task is meant", () => {
    const shop = { key: "shop", name: "Shop", tasks: [CLEAR_CACHE] } as unknown as Service;
    expect(taskNamed(shop, "clear-cache")).toBe(CLEAR_CACHE);
    expect(() => taskNamed(shop, "clear-cach")).toThrow(
      expect.objectContaining({ message: "Shop has no task `clear-cach`.", hint: "Did you mean `clear-cache`?" }),
    );
    expect(() => taskNamed(shop, undefined)).toThrow("Which task of Shop?");
    expect(() => taskNamed({ ...shop, tasks: [] }, "x")).toThrow("Shop has no tasks.");
  });
});
