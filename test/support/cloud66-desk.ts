import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Action, Arguments, Plan } from "../../src/domain/action.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { cloud66 } from "../../src/providers/cloud66/index.ts";
import type { Outcome, Verdict } from "../../src/providers/provider.ts";
import { commit, openCloud66, STACK, type TestCloud66 } from "./cloud66/index.ts";

/** A stack of two deployments and the provider beside it, for what is Cloud 66's own. */
export type Desk = {
  readonly far: TestCloud66;
  /** What was reported while things were done. */
  readonly lines: readonly string[];
  /** Where the catalog says that the token is. */
  readonly token: { readonly env: string };
  /** Comes with this token. */
  as(token: string): void;
  target(other?: object): Target;
  sees(of?: Target): Promise<Observation>;
  plan(action: Action, given?: Arguments): Promise<Plan>;
  apply(drawn: Plan): Promise<{ outcome: Outcome; verdict: Verdict }>;
  /** Planned, done and seen to be so. */
  does(action: Action, given?: Arguments): Promise<Plan>;
  close(): Promise<void>;
};

export async function openDesk(): Promise<Desk> {
  const far = await openCloud66();
  const lines: string[] = [];
  const name = `CLOUD66_${randomBytes(4).toString("hex").toUpperCase()}`;
  function as(token: string): void {
    process.env[name] = token;
  }
  function target(other: object = {}): Target {
    const settings = { stack: STACK, api: far.url, token: { env: name }, ...other };
    return { key: "shop/web", service: "shop", name: "web", provider: "cloud66", settings };
  }
  function sees(of = target()): Promise<Observation> {
    return cloud66.observe(of, signal());
  }
  async function plan(action: Action, given: Arguments = {}): Promise<Plan> {
    return cloud66.plan({ action, arguments: given, target: target() }, await sees());
  }
  async function apply(drawn: Plan): Promise<{ outcome: Outcome; verdict: Verdict }> {
    const use = { token: "step-1", signal: signal() };
    const outcome = await cloud66.apply(target(), drawn, { ...use, report: (line) => void lines.push(line) });
    return { outcome, verdict: await cloud66.verify(target(), drawn, use) };
  }
  as(far.user("daytwo@example.com"));
  for (const start of ["aaaa111", "bbbb222"]) await far.deploys(commit(start));
  return {
    far,
    lines,
    token: { env: name },
    as,
    target,
    sees,
    plan,
    apply,
    async does(action, given = {}) {
      const drawn = await plan(action, given);
      expect(await apply(drawn)).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds" } });
      await far.settles();
      return drawn;
    },
    async close() {
      delete process.env[name];
      await far.close();
    },
  };
}

function signal(): AbortSignal {
  return AbortSignal.timeout(20_000);
}
