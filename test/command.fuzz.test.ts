import { describe, expect, test } from "vitest";
import { parse } from "../src/command/parse.ts";
import { VERBS } from "../src/command/verbs.ts";
import { Invalid } from "../src/errors.ts";
import { cpuTime } from "./support/cpu-time.ts";

const SAMPLES = [
  "snooze #142 for 1h 30m waiting for <@U0ANA|ana> &amp; <https://x.example|x>",
  "scale shop/web web = 4, worker=2 for 10 min please",
  "hand off #5 to <!subteam^S0WEB|@web-team>: “look”",
  "assign shop disk and logs to team-web",
  "plan roll–back shop to V141.",
  "check shop/certificate/www",
  "resolve 142 fixed",
  "approve op 17",
  "/day2 status `shop`",
  "rollback v141",
  "window shop every sat 10 pm until sun 6:00 backups",
  "freeze all from 1 dec at 18 until 2026-12-02 06:00: the sale",
  "snooze #142 until mon 9:00 vendor",
];

describe("whatever is typed", () => {
  /** A generator with a fixed seed, so that a failure can be repeated. */
  function randomly(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  const SCRAPS = [
    ...Array.from("abc019#@=:,.-–—/<>|&`'\"“” \u00A0\u200B\n\t()[]{}\\^$*+?!%~_;ÅİßK👩‍💻日"),
    "op-",
    "for ",
    "to ",
    "<@U0",
    "&lt;",
    "__proto__",
    "=4",
    "2h",
  ];
  const KNOWN = [...Object.entries(VERBS).map(([name, verb]) => `${name} ${verb.usage}`), ...SAMPLES];

  function mutated(next: (below: number) => number): string {
    let text = KNOWN[next(KNOWN.length)] ?? "";
    for (let change = next(4); change > 0; change -= 1) {
      const at = next(text.length + 1);
      text = text.slice(0, at) + (SCRAPS[next(SCRAPS.length)] ?? "") + text.slice(at + next(3));
    }
    return text;
  }

  test("it is a request or Invalid with a hint, and never anything else", () => {
    const next = randomly(20_261_123);
    const wrong: string[] = [];
    let understood = 0;
    for (let round = 0; round < 15_000; round += 1) {
      const text = mutated(next);
      try {
        const request = parse(text, { demo: next(2) === 0, ...(next(2) === 0 ? { item: 7 } : {}) });
        understood += 1;
        const lossless = JSON.stringify(JSON.parse(JSON.stringify(request))) === JSON.stringify(request);
        if (!lossless || /NaN|null:|"item":(0|-)/.test(JSON.stringify(request))) wrong.push(text);
      } catch (error) {
        if (!(error instanceof Invalid) || error.message === "" || (error.hint ?? "") === "") wrong.push(text);
      }
    }
    expect(wrong).toEqual([]);
    expect(understood).toBeGreaterThan(1_000);
  });

  const SIGNS = [
    "1",
    "a",
    " ",
    "-",
    "=",
    "'",
    "<",
    "1h",
    "a=1 ",
    "`",
    ".",
    ":",
    ":a",
    "':",
    "😀",
    "now ",
    "#1,",
    "1,",
    "two ",
    "the ",
  ];

  test.each([
    "snooze #1 ",
    "window shop ",
    "window shop sat ",
    "scale shop ",
    "handoff #1 ",
    "rollback ",
    "note #1 ",
    "",
    "op",
    "# ",
    "status shop ",
    "snooze #1 until 2026-12-01 10:00",
  ])("%j and 2,900 of the same sign take no time", (start) => {
    const took = cpuTime(() => {
      for (const sign of SIGNS)
        for (const end of ["", " §"])
          try {
            parse(start + sign.repeat(2_900 / sign.length) + end, { demo: false });
          } catch (error) {
            if (!(error instanceof Invalid)) throw error;
          }
    });
    expect(took).toBeLessThan(2_000);
  });
});
