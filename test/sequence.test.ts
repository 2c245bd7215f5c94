import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan } from "../src/domain/action.ts";
import type { Service } from "../src/domain/catalog.ts";
import type { Observation } from "../src/domain/observation.ts";
import { planHash, targetsOf } from "../src/domain/plan.ts";
import { policyOf } from "../src/domain/policy.ts";
import {
  account,
  afterwards,
  dueOf,
  expectedOf,
  lasting,
  nextToTakeBack,
  unexpected,
  wholePlan,
  type Went,
} from "../src/domain/sequence.ts";
import { drawPlan } from "../src/providers/local/plan.ts";

/** What a sequence is to do, what it finds when it comes to a step, and how far it came: without a database. */

const SEEN: Observation = {
  target: "shop/web",
  observedAt: "",
  version: "7",
  health: "ok",
  release: "v2",
  releases: ["v2", "v1"].map((release) => ({ release, createdAt: "", healthySeconds: 86_400 })),
  sizes: [
    { process: "web", wanted: 2, running: 2, healthy: 2 },
    { process: "worker", wanted: 1, running: 1, healthy: 1 },
  ],
  certificates: [],
  facts: {},
};
const TARGET = { key: "shop/web", service: "shop", name: "web", provider: "local", settings: {} };
const SCALE = drawPlan({ action: "scale", arguments: { sizes: { web: 4 } }, target: TARGET }, SEEN);
const BACK = drawPlan({ action: "rollback", arguments: {}, target: TARGET }, SEEN);
const RESTART = drawPlan({ action: "restart", arguments: {}, target: TARGET }, SEEN);

function whole(...steps: readonly Plan[]): Plan {
  return wholePlan(
    { name: "make-room", description: "Makes room." },
    "shop",
    steps.map((step) => ({ ...step, expects: expectedOf(SEEN) })),
  );
}

function went(...states: readonly (readonly [Went["state"], undoes?: number])[]): Went[] {
  return states.map(([state, undoes = null], index) => ({
    seq: index + 1,
    undoes,
    state,
    attempt: 1,
    outcome: "so it was",
  }));
}

describe("the plan of the whole", () => {
  test("is as risky as its riskiest step, takes as long as all of them, and names them", () => {
    const plan = whole(SCALE, BACK);
    expect(plan).toMatchObject({ title: "Run make-room on shop (2 steps)", risk: "high", action: "run", changes: {} });
    expect(plan.takes).toBe((SCALE.takes ?? 0) + (BACK.takes ?? 0));
    expect(targetsOf(plan)).toEqual(["shop/web"]);
  });

  test("what takes a step back may be riskier than the step", () => {
    const command = { argv: ["x"], timeout: 1_000, risk: "destructive" as const };
    expect(whole({ ...SCALE, undo: { action: "run", arguments: { task: "x", command } } }).risk).toBe("destructive");
  });

  test("says of each step on which target it is, where there are several", () => {
    const plan = whole(SCALE, { ...RESTART, target: "shop/side" });
    expect(plan.steps?.map(({ title }) => title)).toEqual([
      "web: Scale shop web 2 → 4",
      "side: Restart shop (all processes)",
    ]);
  });

  test("an approval binds every step: its order, its arguments, what it counts on, and what takes it back", () => {
    const plan = whole(SCALE, RESTART);
    const [one, two] = plan.steps ?? [];
    const others: (readonly Plan[])[] = [
      [two!, one!],
      [one!],
      [{ ...one!, arguments: { sizes: { web: 5 } } }, two!],
      [{ ...one!, undo: undefined }, two!],
      [one!, { ...two!, expects: { release: "v1", sizes: {} } }],
      [one!, { ...two!, target: "shop/side" }],
      [one!, { ...two!, version: "8" }],
    ];
    const hashes = [plan, ...others.map((steps) => ({ ...plan, steps }))].map((each) => planHash(each, 1));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe("what a step counts on", () => {
  test("what those before it do: sizes and release", () => {
    const after = afterwards(afterwards(SEEN, SCALE), BACK);
    expect(expectedOf(after)).toEqual({ release: "v1", sizes: { web: 4, worker: 1 } });
    expect(afterwards(SEEN, RESTART)).toEqual(SEEN);
  });

  test("anything else is told in words", () => {
    const expects = expectedOf(afterwards(SEEN, SCALE));
    expect(unexpected(expects, afterwards(SEEN, SCALE))).toBeNull();
    expect(unexpected(expects, SEEN)).toBe("web is 2, and not 4");
    expect(unexpected(expectedOf(SEEN), { ...SEEN, release: "v3" })).toBe("release v3 runs there, and not v2");
    expect(unexpected(expectedOf(SEEN), { ...SEEN, sizes: SEEN.sizes.slice(0, 1) })).toBe(
      "worker is not there, and not 1",
    );
  });
});

describe("what is taken back", () => {
  const plan = whole(SCALE, { ...RESTART, undo: undefined }, BACK, RESTART);

  test("the last that is done and declared to be, each once", () => {
    expect(nextToTakeBack(plan, went(["done"], ["done"], ["failed"]))).toBe(1);
    expect(nextToTakeBack(plan, went(["done"], ["done"], ["done"], ["failed"]))).toBe(3);
    expect(nextToTakeBack(plan, went(["done"], ["done"], ["done"], ["failed"], ["done", 3]))).toBe(1);
    expect(nextToTakeBack(plan, went(["done"], ["failed"], ["done", 1]))).toBeNull();
    expect(nextToTakeBack(plan, went(["failed"]))).toBeNull();
  });

  test("in every case: never what is not declared or not done, never twice, and always the later first", () => {
    const declared = fc.array(fc.boolean(), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(declared, fc.nat(), fc.boolean(), (undone, stop, isWorse) => {
        const steps = undone.map((is) => ({ ...SCALE, undo: is ? SCALE.undo : undefined }));
        const reached = (stop % steps.length) + 1;
        const all = whole(...steps);
        const done: Went[] = Array.from({ length: reached }, (_, index) => ({
          seq: index + 1,
          undoes: null,
          state: index + 1 === reached && !isWorse ? "failed" : "done",
          attempt: 1,
          outcome: null,
        }));
        const taken: number[] = [];
        for (let next = nextToTakeBack(all, done); next !== null; next = nextToTakeBack(all, done)) {
          taken.push(next);
          done.push({ seq: done.length + 1, undoes: next, state: "done", attempt: 1, outcome: null });
        }
        const wanted = undone.flatMap((is, index) =>
          is && index + 1 < reached + (isWorse ? 1 : 0) ? [index + 1] : [],
        );
        expect(taken).toEqual(wanted.toReversed());
        const stays = lasting(done);
        expect(stays.filter((seq) => taken.includes(seq))).toEqual([]);
        expect(stays.length + taken.length).toBe(isWorse ? reached : reached - 1);
      }),
    );
  });

  test("is drawn from its step, and a plan without steps is its own", () => {
    expect(dueOf(plan, { seq: 4, undoes: 3 })).toMatchObject({
      kind: "back",
      undo: BACK.undo,
      of: { action: "rollback" },
    });
    expect(dueOf(plan, { seq: 2, undoes: null })).toMatchObject({ kind: "onward", isLater: true });
    expect(dueOf(SCALE, { seq: 1, undoes: null })).toEqual({ kind: "onward", plan: SCALE, isLater: false });
    expect(() => dueOf(SCALE, { seq: 2, undoes: null })).toThrow("the plan has no step 2");
    expect(() => dueOf(plan, { seq: 3, undoes: 2 })).toThrow("step 2 is not to be taken back");
  });
});

test("how far it came is told in a sentence", () => {
  const plan = whole(SCALE, BACK, RESTART);
  expect(account(plan, went(["done"], ["failed"], ["done", 1]), null)).toBe(
    "step 2 of 3 (Roll back shop v2 → v1) ended without success: so it was; taken back: step 1; not begun: step 3",
  );
  expect(account(plan, went(["done"], ["done"], ["failed", 2]), null)).toBe(
    "step 2 of 3 (Roll back shop v2 → v1) is done: so it was; step 2 could not be taken back: so it was; done, and stays as it is now: steps 1, 2; not begun: step 3",
  );
  expect(account(plan, went(["done"]), "stopped")).toBe(
    "stopped; done, and stays as it is now: step 1; not begun: steps 2, 3",
  );
  const unclear = went(["done"], ["failed"], ["failed", 1]);
  expect(account(plan, unclear, "closed", unclear[2])).toBe("closed; not begun: step 3");
  const notBegun = [...went(["done"]), { ...went(["done"], ["failed"])[1]!, attempt: 0 }];
  expect(account(plan, notBegun, "stopped")).toBe(account(plan, went(["done"]), "stopped"));
  expect(account(plan, notBegun, null)).toBe(
    "step 2 of 3 (Roll back shop v2 → v1) was not begun: so it was; done, and stays as it is now: step 1; not begun: step 3",
  );
});

describe("policy", () => {
  const service: Service = {
    key: "shop",
    name: "shop",
    environment: "production",
    channel: "#shop",
    duties: {},
    targets: [TARGET],
    checks: [],
    sequences: [
      {
        name: "make-room",
        steps: [
          { action: "scale", target: "shop/web", arguments: { sizes: { web: 4 } } },
          { action: "rollback", target: "shop/web", arguments: {} },
        ],
      },
    ],
  };
  const catalog = {
    policies: [
      { when: { action: "scale" }, role: "approver", expiresAfter: 60_000, aloneAfter: null },
      { when: { action: "rollback" }, approvals: 2, typed: true },
      { when: { action: "run" }, role: "admin" },
    ],
  } as const;

  test("of everything that its steps need the strictest, before there is a plan and after", () => {
    const asked = { action: "run", arguments: { sequence: "make-room" }, plan: null } as const;
    const strictest = { role: "approver", approvals: 2, typed: true, expiresAfter: 60_000, aloneAfter: null };
    expect(policyOf(catalog, service, asked, "low")).toMatchObject(strictest);
    expect(policyOf(catalog, service, { ...asked, plan: whole(SCALE, BACK) }, "low")).toMatchObject(strictest);
    expect(policyOf(catalog, service, { ...asked, plan: whole(SCALE) }, "low")).toMatchObject({
      role: "approver",
      approvals: 0,
    });
  });

  test("a plain action's is its own", () => {
    expect(policyOf(catalog, service, { action: "run", arguments: { task: "x" }, plan: null }, "low").role).toBe(
      "admin",
    );
    expect(policyOf(catalog, service, { action: "rollback", arguments: {}, plan: BACK }, "low").approvals).toBe(2);
  });
});
