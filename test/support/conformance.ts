import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Action, Arguments, Plan } from "../../src/domain/action.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { Expected, Invalid, Unavailable } from "../../src/errors.ts";
import { CANCELLED, type Outcome, type Verdict } from "../../src/providers/provider.ts";
import type { Conforming, FarSide } from "./far-side.ts";
import type { Ending } from "./json-server.ts";

/**
 * What every provider promises, whatever it talks to: how an attempt ends in each way in which the other side can behave,
 * that one effect is one effect, that looking tells the truth, and that no secret is said. What counts is what really took
 * effect over there, never what the provider says of it.
 */

/** How the next change is answered, and what that is; where a system means something else by it, it says so. */
const ANSWERS: Readonly<Record<number, Outcome["kind"]>> = {
  400: "refused",
  401: "refused",
  403: "refused",
  404: "refused",
  409: "refused",
  422: "refused",
  429: "later",
  500: "unknown",
  502: "unknown",
  503: "unknown",
  504: "unknown",
};

const LONG = 20_000; // ms; nothing here waits for it unless something is wrong
const SHORT = 2_000; // ms after which what never ends is called off

export function conforms(conforming: Conforming): void {
  describe(`${conforming.name}`, () => {
    promises(conforming);
  });
}

function promises(conforming: Conforming): void {
  const {
    open,
    answers = {},
    tellsFailure = true,
    saysWhen = true,
    remembers = true,
    compares = true,
    adds = false,
    undoes = true,
  } = conforming;
  let far: FarSide;
  let said: string[];

  beforeEach(async () => {
    far = await open();
    said = [];
  });
  afterEach(async () => {
    await far.close();
    const told = said.filter((text) => far.secrets.some((secret) => text.includes(secret)));
    expect(told).toEqual([]);
  });

  async function look(target = far.target, signal = AbortSignal.timeout(LONG)): Promise<Observation> {
    return heard(far.provider.observe(target, signal));
  }
  /** Whatever it throws is heard too: what it says, and what its causes say. */
  async function heard<Result>(work: Promise<Result>): Promise<Result> {
    try {
      const result = await work;
      said.push(JSON.stringify(result));
      return result;
    } catch (error) {
      for (let cause = error; cause instanceof Error; cause = cause.cause) said.push(cause.message);
      if (error instanceof Expected) said.push(error.hint ?? "");
      throw error;
    }
  }
  async function draw(asked: { action: Action; arguments: Arguments } = far.change): Promise<Plan> {
    return far.provider.plan({ ...asked, target: far.target }, await look());
  }
  function apply(
    plan: Plan,
    { token = "step-1", target = far.target, signal = AbortSignal.timeout(LONG) } = {},
  ): Promise<Outcome> {
    return heard(far.provider.apply(target, plan, { token, signal, report: (line) => void said.push(line) }));
  }
  function verdict(plan: Plan, token = "step-1"): Promise<Verdict> {
    return heard(far.provider.verify(far.target, plan, { token, signal: AbortSignal.timeout(LONG) }));
  }
  /** An attempt that is called off while its answer is held back. */
  async function calledOff(plan: Plan, ending: Ending): Promise<Outcome> {
    far.changes(ending);
    const off = new AbortController();
    const outcome = apply(plan, { signal: off.signal });
    await expect.poll(() => far.isHolding()).toBe(true);
    off.abort();
    return outcome;
  }
  /** As a worker looks: until it is no longer on its way. */
  async function sees(plan: Plan, token = "step-1"): Promise<Verdict["kind"]> {
    for (let left = 100; left > 0; left -= 1) {
      const { kind } = await verdict(plan, token);
      if (kind !== "pending") return kind;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return "pending";
  }
  /** The effects, each step's once where the system cannot know a request that it had before. */
  function comparedEffects(): readonly string[] {
    return compares ? far.effects() : [...new Set(far.effects())];
  }
  /** How many effects there are after an answer that came instead of an effect. */
  function effectsBy({ kind }: Outcome): number {
    return kind === "done" ? 1 : 0;
  }

  describe("looks", () => {
    test("the same twice is the same version, and what is planned from it is the same plan", async () => {
      const [one, two] = [await look(), await look()];
      expect(one).toMatchObject({ target: far.target.key, version: two.version });
      expect(Math.abs(Date.parse(one.observedAt) - Date.now())).toBeLessThan(60_000);
      expect(await draw()).toEqual(await draw());
      expect(await draw()).toMatchObject({ version: one.version, target: far.target.key, action: far.change.action });
    });

    test("what somebody else changes is another version", async () => {
      const before = await look();
      far.moves();
      expect((await look()).version).not.toBe(before.version);
    });

    test("what cannot be meant is refused, naming what is possible", async () => {
      const { possible, ...nonsense } = far.nonsense;
      const error: unknown = await draw(nonsense).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Invalid);
      const { message, hint = "" } = error as Invalid;
      expect(`${message} ${hint}`).toMatch(possible);
    });

    test.each([401, 403, 404])("an answer of %i is something to be put right", async (status) => {
      far.looks({ status });
      await expect(look()).rejects.toBeInstanceOf(Invalid);
      await expect(look()).resolves.toBeDefined();
    });

    test.each([429, 500, 502, 503])("an answer of %i is nothing to be known", async (status) => {
      far.looks({ status });
      await expect(look()).rejects.toBeInstanceOf(Unavailable);
    });

    test.each(["breaks before", "truncates"] as const)("an answer that %s is nothing to be known", async (ending) => {
      far.looks(ending);
      await expect(look()).rejects.toBeInstanceOf(Unavailable);
    });

    test("nobody there, nothing of that name, and credentials that are wrong or not there are told apart", async () => {
      const { nowhere, missing, stranger, unarmed } = far.wrong;
      await expect(look(nowhere)).rejects.toBeInstanceOf(Unavailable);
      for (const each of [missing, stranger, unarmed]) await expect(look(each)).rejects.toBeInstanceOf(Invalid);
    });

    test("a look that is called off ends at once", async () => {
      far.looks("stalls after");
      await expect(look(far.target, AbortSignal.timeout(50))).rejects.toBeInstanceOf(Unavailable);
      await expect(look(far.target, AbortSignal.abort())).rejects.toBeInstanceOf(Unavailable);
    });
  });

  describe("acts", () => {
    test("done is done, once, and holds; before it was, it was untouched", async () => {
      const plan = await draw();
      expect(await sees(plan)).toBe("untouched");
      expect(await apply(plan)).toMatchObject({ kind: "done" });
      expect(await sees(plan)).toBe("holds");
      expect(far.effects()).toEqual(["step-1"]);
      expect((await look()).version === plan.version).toBe(adds);
    });

    test.each(Object.entries({ ...ANSWERS, ...answers }))("an answer of %s is %s", async (status, kind) => {
      const plan = await draw();
      far.changes({ status: Number(status) });
      const outcome = await apply(plan);
      expect(outcome.kind).toBe(kind);
      expect(far.effects()).toHaveLength(effectsBy(outcome));
      expect(await sees(plan)).toBe(outcome.kind === "done" ? "holds" : "untouched");
    });

    test("it is asked again when it says so", async () => {
      const plan = await draw();
      const inAMinute = new Date(Date.now() + 60_000).toUTCString();
      const said = [
        { retryAfter: "7", least: 7_000, most: 7_000 },
        { retryAfter: inAMinute, least: 50_000, most: 60_000 },
      ];
      for (const { retryAfter, least, most } of saysWhen ? said : []) {
        far.changes({ status: 429, retryAfter });
        const outcome = (await apply(plan)) as Extract<Outcome, { kind: "later" }>;
        expect(outcome.after).toBeGreaterThanOrEqual(least);
        expect(outcome.after).toBeLessThanOrEqual(most);
      }
      far.changes({ status: 429, retryAfter: "soon" });
      expect(((await apply(plan)) as Extract<Outcome, { kind: "later" }>).after).toBeGreaterThan(0);
      expect(await apply(plan)).toMatchObject({ kind: "done" });
      expect(far.effects()).toEqual(["step-1"]);
    });

    test("what was surely never sent is refused", async () => {
      const plan = await draw();
      const { nowhere, unarmed } = far.wrong;
      for (const target of [nowhere, unarmed]) expect(await apply(plan, { target })).toMatchObject({ kind: "refused" });
      expect(await apply(plan, { signal: AbortSignal.abort() })).toMatchObject({ kind: "refused" });
      expect(await apply(plan, { signal: AbortSignal.abort(CANCELLED) })).toMatchObject({ kind: "refused" });
      expect(far.effects()).toEqual([]);
      expect(await sees(plan)).toBe("untouched");
    });

    test("a connection that breaks before anything was done is not known, and looking tells", async () => {
      const plan = await draw();
      far.changes("breaks before");
      expect(await apply(plan)).toMatchObject({ kind: "unknown" });
      expect(await sees(plan)).toBe("untouched");
      expect(await apply(plan)).toMatchObject({ kind: "done" });
      expect(far.effects()).toEqual(["step-1"]);
    });

    test.each(["breaks after", "truncates"] as const)(
      "an answer that %s is not known, looking tells, and the same step again has no second effect",
      async (ending) => {
        const plan = await draw();
        far.changes(ending);
        expect(await apply(plan)).toMatchObject({ kind: "unknown" });
        expect(await sees(plan)).toBe("holds");
        expect(await apply(plan)).toMatchObject({ kind: "done" });
        expect(await sees(plan)).toBe("holds");
        expect(far.effects()).toEqual(["step-1"]);
      },
    );

    test.each(["stalls before", "stalls after"] as const)(
      "called off while the answer %s, it is not known; what arrives late takes effect once",
      async (ending) => {
        const plan = await draw();
        expect(await calledOff(plan, ending)).toMatchObject({ kind: "unknown" });
        const early = far.effects().length;
        expect(early).toBe(ending === "stalls before" ? 0 : 1);
        far.release();
        await expect.poll(() => far.effects()).toEqual(["step-1"]);
        expect(await sees(plan)).toBe("holds");
      },
    );

    test("what arrives after the same step was sent again has no second effect, where that can be compared", async () => {
      const plan = await draw();
      expect(await calledOff(plan, "stalls before")).toMatchObject({ kind: "unknown" });
      expect(await apply(plan)).toMatchObject({ kind: "done" });
      far.release();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await sees(plan)).toBe("holds");
      // Without: that nothing is sent again before it must have arrived is all that keeps them apart, where a repeat acts twice.
      expect(comparedEffects()).toEqual(["step-1"]);
    });

    test("a target that moved is left alone, and is seen to be neither untouched nor done", async () => {
      const plan = await draw();
      far.moves();
      expect(await apply(plan)).toMatchObject({ kind: "refused" });
      expect(far.effects()).toEqual([]);
      expect(await sees(plan)).toBe("differs");
    });

    test("of two who act on one plan one has an effect; without comparing, the first of them; both, where it only adds", async () => {
      const plans = [await draw(), await draw(far.other)] as const;
      const acts = plans.map((plan, index) => () => apply(plan, { token: `step-${index}` }));
      const outcomes = compares ? await Promise.all(acts.map((act) => act())) : await inTurn(acts);
      const acted = outcomes.map(({ kind }) => kind === "done");
      expect(acted.filter(Boolean)).toHaveLength(adds ? 2 : 1);
      expect(outcomes.filter(({ kind }) => kind === "refused" || kind === "later")).toHaveLength(adds ? 0 : 1);
      expect(far.effects()).toEqual(acted.flatMap((has, index) => (has ? [`step-${index}`] : [])));
      expect(await Promise.all(plans.map((plan, index) => sees(plan, `step-${index}`)))).toEqual(
        acted.map((has) => (has ? "holds" : "differs")),
      );
    });

    test("two workers with the same step have one effect between them", async () => {
      const plan = await draw();
      const outcomes = await Promise.all([apply(plan), apply(plan)]);
      expect(outcomes.map(({ kind }) => kind)).toContain("done");
      expect(comparedEffects()).toEqual(["step-1"]);
      expect(await sees(plan)).toBe("holds");
    });

    test("what is under way is seen to be, and holds once it is there", async () => {
      const plan = await draw();
      far.takesLong();
      const under = apply(plan);
      await expect.poll(() => far.effects()).toEqual(["step-1"]);
      expect(await verdict(plan)).toMatchObject({ kind: "pending" });
      far.finishes();
      expect(await under).toMatchObject({ kind: "done" });
      expect(await sees(plan)).toBe("holds");
    });

    test("what ends without success never holds", async () => {
      const plan = await draw();
      far.fails();
      const { kind } = await apply(plan, { signal: AbortSignal.timeout(tellsFailure ? LONG : SHORT) });
      expect(tellsFailure ? ["refused", "failed", "unknown"] : ["done"]).toContain(kind);
      const ended = remembers ? ["failed", "differs"] : ["untouched"];
      const shown = tellsFailure ? await sees(plan) : (await verdict(plan)).kind;
      expect(tellsFailure ? ended : ["pending"]).toContain(shown);
    });

    test("what it takes to go back brings back what was", async () => {
      const plan = await draw();
      const before = await look();
      expect(plan.undo !== undefined).toBe(undoes);
      if (plan.undo === undefined) return;
      await apply(plan);
      expect(await sees(plan)).toBe("holds");
      const back = await draw(plan.undo);
      expect(await apply(back, { token: "step-2" })).toMatchObject({ kind: "done" });
      expect(await sees(back, "step-2")).toBe("holds");
      const after = await look();
      expect([after.release, after.sizes.map(({ process, wanted }) => [process, wanted])]).toEqual([
        before.release,
        before.sizes.map(({ process, wanted }) => [process, wanted]),
      ]);
    });
  });
}

async function inTurn<Result>(works: readonly (() => Promise<Result>)[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const work of works) results.push(await work());
  return results;
}
