import { expect, test } from "vitest";
import { nothingCame } from "../src/operations/stepping.ts";

const WHY = "it changed since this plan was drawn, so nothing was done; ask again to see the new plan";

test("a taking back of which nothing came is tried again, unless somebody asked it to stop", () => {
  const refused = { move: "fail", outcome: WHY } as const;
  expect(nothingCame({ reversalOf: 1, cancelRequestedAt: null }, refused)).toEqual({
    move: "expire",
    outcome: "it changed since this plan was drawn, so nothing was done",
  });
  expect(nothingCame({ reversalOf: 1, cancelRequestedAt: new Date(0) }, refused)).toEqual(refused);
  expect(nothingCame({ reversalOf: null, cancelRequestedAt: null }, refused)).toEqual(refused);
});
