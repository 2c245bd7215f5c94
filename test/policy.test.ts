import { describe, expect, test } from "vitest";
import { RISKS } from "../src/domain/action.ts";
import type { PolicyRule } from "../src/domain/policy-rule.ts";
import { Invalid } from "../src/errors.ts";
import { checkBounds, checkCooldown, checkStep, cooldownLeft, directionOf, policyFor } from "../src/domain/policy.ts";

const SHOP = { key: "shop", environment: "production" };
const STAGING = { key: "shop", environment: "staging" };
const MINUTE = 60_000;

function withRules(...policies: PolicyRule[]): { policies: PolicyRule[] } {
  return { policies };
}

describe("policyFor", () => {
  test("defaults", () => {
    expect(policyFor(withRules(), "scale", SHOP, "high")).toEqual({
      role: "operator",
      approvers: "approver",
      approvals: 1,
      typed: false,
      expiresAfter: 20 * MINUTE,
      aloneAfter: 5 * MINUTE,
      min: 1,
      max: 20,
      cooldownUp: MINUTE,
      cooldownDown: 5 * MINUTE,
    });
  });

  test("approvals by risk and environment", () => {
    expect(RISKS.map((risk) => policyFor(withRules(), "rollback", SHOP, risk).approvals)).toEqual([0, 0, 1, 2]);
    expect(RISKS.map((risk) => policyFor(withRules(), "rollback", STAGING, risk).approvals)).toEqual([0, 0, 0, 1]);
  });

  test("what cannot be undone is typed, and a rule may ask for it or not", () => {
    expect(RISKS.map((risk) => policyFor(withRules(), "restart", STAGING, risk).typed)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    const rules = withRules(
      { when: { environment: "staging" }, typed: false },
      { when: { action: "scale" }, typed: true },
    );
    expect(policyFor(rules, "restart", STAGING, "destructive").typed).toBe(false);
    expect(policyFor(rules, "scale", STAGING, "low").typed).toBe(true);
  });

  test("every given part of `when` must match; nothing given matches everything", () => {
    const rule: PolicyRule = { when: { action: "scale", service: "shop", environment: "production" }, max: 3 };
    expect(policyFor(withRules(rule), "scale", SHOP, "low").max).toBe(3);
    expect(policyFor(withRules(rule), "restart", SHOP, "low").max).toBe(20);
    expect(policyFor(withRules(rule), "scale", STAGING, "low").max).toBe(20);
    expect(policyFor(withRules(rule), "scale", { ...SHOP, key: "reports" }, "low").max).toBe(20);
    expect(policyFor(withRules({ when: {}, role: "admin" }), "scale", STAGING, "low").role).toBe("admin");
  });

  test("who may approve is said apart from who may ask", () => {
    const rules = withRules({ when: { action: "scale" }, approvers: "admin" }, { when: {}, role: "approver" });
    expect(policyFor(rules, "scale", SHOP, "low")).toMatchObject({ role: "approver", approvers: "admin" });
    expect(policyFor(rules, "restart", SHOP, "low")).toMatchObject({ role: "approver", approvers: "approver" });
  });

  test("later rules win field by field, zero counts, and an absent field leaves the earlier one", () => {
    const policy = policyFor(
      withRules(
        { when: {}, approvals: 2, max: 8, cooldownUp: 0 },
        { when: { action: "scale" }, approvals: 0, max: undefined },
      ),
      "scale",
      SHOP,
      "high",
    );
    expect(policy).toMatchObject({ approvals: 0, max: 8, cooldownUp: 0 });
  });
});

describe("checkBounds", () => {
  const policy = policyFor(withRules({ when: {}, min: 1, max: 8 }), "scale", SHOP, "high");

  test.each([1, 8])("allows %i", (web) => {
    expect(() => checkBounds(policy, { action: "scale", arguments: { sizes: { web } } })).not.toThrow();
  });

  test.each([0, 9])("refuses %i with the bounds", (web) => {
    expect(() => checkBounds(policy, { action: "scale", arguments: { sizes: { worker: 2, web } } })).toThrow(
      expect.objectContaining({
        name: "Invalid",
        message: `web=${web} is outside what the policy allows here: 1 to 8.`,
      }),
    );
  });

  test("concerns only scale, and only numbers of processes", () => {
    const storage = { action: "scale", arguments: { sizes: { storage: 200 } }, unit: "GiB" } as const;
    expect(() => checkBounds(policy, storage)).not.toThrow();
    expect(() => checkBounds(policy, { action: "restart", arguments: { process: "web" } })).not.toThrow();
  });
});

describe("cooldown", () => {
  const policy = policyFor(withRules(), "scale", SHOP, "high");
  const sized = new Date("2026-11-23T10:00:00Z");
  function after(ms: number): Date {
    return new Date(sized.getTime() + ms);
  }

  test("is over when it is over, and never was without a sizing", () => {
    expect(cooldownLeft(policy, "up", null, sized)).toBe(0);
    expect(cooldownLeft(policy, "up", sized, after(MINUTE))).toBe(0);
    expect(cooldownLeft(policy, "up", sized, after(MINUTE - 1))).toBe(1);
    expect(cooldownLeft(policy, "down", sized, after(MINUTE))).toBe(4 * MINUTE);
    expect(() => checkCooldown(policy, "up", sized, after(MINUTE))).not.toThrow();
  });

  test("says how long it still is", () => {
    expect(() => checkCooldown(policy, "down", sized, after(1))).toThrow(
      expect.objectContaining({
        name: "Conflict",
        message: "The size changed moments ago; it may go down again in 5 minutes.",
      }),
    );
  });

  test("the rest is rounded up, so that nobody comes back too early", () => {
    expect(() => checkCooldown(policy, "down", sized, after(61_000))).toThrow("again in 4 minutes.");
    expect(() => checkCooldown(policy, "up", sized, after(30_001))).toThrow("again in 30 seconds.");
  });

  test("the direction of a mixed change is up; no change has none", () => {
    expect(
      directionOf([
        { from: 2, to: 1 },
        { from: 1, to: 2 },
      ]),
    ).toBe("up");
    expect(
      directionOf([
        { from: 2, to: 1 },
        { from: 1, to: 1 },
      ]),
    ).toBe("down");
    expect(directionOf([{ from: 1, to: 1 }])).toBeNull();
  });
});

test("a step at once: the policy's own at most, and the refusal names where to go first", () => {
  const policy = policyFor(withRules({ when: {}, step: 2 }), "scale", SHOP, "low");
  expect(() => checkStep(policy, [{ from: 2, to: 4 }])).not.toThrow();
  expect(() => checkStep(policy, [{ from: 6, to: 4 }])).not.toThrow();
  expect(() => checkStep(policyFor(withRules(), "scale", SHOP, "low"), [{ from: 1, to: 20 }])).not.toThrow();
  expect(
    refusalOf(() =>
      checkStep(policy, [
        { from: 2, to: 3 },
        { from: 2, to: 5 },
      ]),
    ),
  ).toEqual(["From 2 to 5 is more at once than the policy allows here: 2.", "Go to 4 first and see how that does."]);
  expect(refusalOf(() => checkStep(policy, [{ from: 9, to: 1 }]))[1]).toBe("Go to 7 first and see how that does.");
});

function refusalOf(run: () => void): (string | undefined)[] {
  try {
    run();
  } catch (error) {
    if (error instanceof Invalid) return [error.message, error.hint];
    throw error;
  }
  return [];
}
