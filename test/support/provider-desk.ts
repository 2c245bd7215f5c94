import { expect } from "vitest";
import type { Action, Arguments, Plan } from "../../src/domain/action.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { Observation } from "../../src/domain/observation.ts";
import type { Outcome, Provider, Standing, Verdict } from "../../src/providers/provider.ts";

/** A provider as Daytwo uses it, one action at a time. `on` is another target than the usual one. */
export type ProviderDesk = {
  /** What was reported while things were done. */
  readonly lines: readonly string[];
  sees(on?: Target): Promise<Observation>;
  standing(on?: Target): Promise<Standing>;
  plan(action: Action, given?: Arguments, on?: Target): Promise<Plan>;
  /** Each time as another step, unless `token` says which one it is. */
  apply(drawn: Plan, use?: { on?: Target; token?: string }): Promise<{ outcome: Outcome; verdict: Verdict }>;
  /** Planned, done and seen to be so. */
  does(action: Action, given?: Arguments, on?: Target): Promise<Plan>;
};

export function providerDesk(provider: Provider, target: () => Target): ProviderDesk {
  const lines: string[] = [];
  let steps = 0;

  function sees(on = target()): Promise<Observation> {
    return provider.observe(on, signal());
  }
  async function plan(action: Action, given: Arguments = {}, on = target()): Promise<Plan> {
    return provider.plan({ action, arguments: given, target: on }, await sees(on));
  }
  async function apply(
    drawn: Plan,
    { on = target(), token = `step-${(steps += 1)}` }: { on?: Target; token?: string } = {},
  ): Promise<{ outcome: Outcome; verdict: Verdict }> {
    const use = { token, signal: signal() };
    const outcome = await provider.apply(on, drawn, { ...use, report: (line) => void lines.push(line) });
    return { outcome, verdict: await provider.verify(on, drawn, use) };
  }
  return {
    lines,
    sees,
    async standing(on = target()) {
      if (provider.examine === undefined) throw new Error("the provider says nothing of rights");
      return provider.examine(on, signal());
    },
    plan,
    apply,
    async does(action, given = {}, on = target()) {
      const drawn = await plan(action, given, on);
      const token = `step-${(steps += 1)}`;
      expect((await apply(drawn, { on, token })).outcome).toMatchObject({ kind: "done" });
      // As a step is: looked at until it shows.
      await expect.poll(() => provider.verify(on, drawn, { token, signal: signal() })).toMatchObject({ kind: "holds" });
      return drawn;
    },
  };
}

function signal(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
