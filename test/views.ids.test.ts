import { describe, expect, test } from "vitest";
import { Invalid } from "../src/errors.ts";
import {
  ACTION_IDS,
  CALLBACK_IDS,
  readAct,
  readApproval,
  readId,
  readMore,
  writeAct,
  writeApproval,
  writeMore,
} from "../src/slack/ids.ts";

/** What buttons and forms carry, and whether it can be told apart. */

describe("what buttons carry", () => {
  test("comes back as it was written", () => {
    for (const subject of [
      { item: 151, action: "renew-cert", target: "shop/tls" },
      { item: null, action: "scale", target: "shop/web" },
      { item: 7, action: "run", task: "clear-cache", target: "shop/web" },
    ] as const) {
      expect(readAct(writeAct(subject))).toEqual(subject);
      expect(readMore(writeMore(ACTION_IDS.act, writeAct(subject)))).toEqual({
        action: ACTION_IDS.act,
        value: writeAct(subject),
      });
    }
    expect(readApproval(writeApproval(17, "5d41"))).toEqual({ operation: 17, planHash: "5d41" });
    expect(readApproval(writeApproval(17, null))).toEqual({ operation: 17, planHash: null });
    expect(readId("9007199254740")).toBe(9_007_199_254_740);
  });

  test.each(["", "0", "-1", "1e3", "01", "151 x", "9".repeat(16), "__proto__"])("%j is no id", (value) => {
    expect(() => readId(value)).toThrow(Invalid);
  });

  test.each(["", "151", "151 explode shop/web", "151 scale", "x scale shop/web", "item.act"])(
    "%j is no action",
    (value) => {
      expect(() => readAct(value)).toThrow(Invalid);
    },
  );

  test("an unknown choice of the menu is refused with a sentence", () => {
    expect(() => readMore("item.explode 151")).toThrow("I do not know that button.");
  });
});

test("no two ids are the same", () => {
  const ids = [...Object.values(ACTION_IDS), ...Object.values(CALLBACK_IDS)];
  expect(new Set(ids).size).toBe(ids.length);
});
