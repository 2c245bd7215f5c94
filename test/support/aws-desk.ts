import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Action, Arguments, Plan } from "../../src/domain/action.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { aws } from "../../src/providers/aws/index.ts";
import type { Outcome, Standing, Verdict } from "../../src/providers/provider.ts";
import { openAws, type TestAws } from "./aws/index.ts";
import { CLUSTER, REGION } from "./aws/service.ts";
import { makeHome } from "./home.ts";

/** An account and the provider beside it, for what is AWS' own. */
export type Desk = {
  readonly account: TestAws;
  readonly home: string;
  /** What was reported while things were done. */
  readonly lines: readonly string[];
  /** Comes as a user who may do this, everything by default. */
  as(name: string, actions?: readonly string[]): Promise<void>;
  target(more?: object): Target;
  sees(target?: Target): Promise<Observation>;
  standing(target?: Target): Promise<Standing>;
  plan(action: Action, given?: Arguments, target?: Target): Promise<Plan>;
  apply(drawn: Plan, target?: Target): Promise<{ outcome: Outcome; verdict: Verdict }>;
  /** Planned, done and seen to be so. */
  does(action: Action, given?: Arguments, target?: Target): Promise<Plan>;
  /** Somebody releases the task definition of this number, and it is rolled out. */
  deploys(number: number): Promise<void>;
  close(): Promise<void>;
};

export const SERVICE = "shop-web";

/** `names`: the settings that say what a target is; a service of ECS where it is left out. */
export async function openDesk(names: object = { service: SERVICE, cluster: CLUSTER }): Promise<Desk> {
  const home = await makeHome("aws");
  const account = await openAws();
  const lines: string[] = [];
  let steps = 0;

  async function as(name: string, actions?: readonly string[]): Promise<void> {
    const { id, secret } = account.user(name, actions);
    await Promise.all([writeFile(join(home, "id"), id), writeFile(join(home, "secret"), `${secret}\n`)]);
  }
  function target(more: object = {}): Target {
    const keys = { access_key: { file: join(home, "id") }, secret_key: { file: join(home, "secret") } };
    const place = { ...names, region: REGION, endpoint: account.server.url };
    return { key: "shop/web", service: "shop", name: "web", provider: "aws", settings: { ...place, ...keys, ...more } };
  }
  function sees(on = target()): Promise<Observation> {
    return aws.observe(on, signal());
  }
  async function plan(action: Action, given: Arguments = {}, on = target()): Promise<Plan> {
    return aws.plan({ action, arguments: given, target: on }, await sees(on));
  }
  async function apply(drawn: Plan, on = target()): Promise<{ outcome: Outcome; verdict: Verdict }> {
    steps += 1;
    const use = { token: `step-${steps}`, signal: signal() };
    const outcome = await aws.apply(on, drawn, { ...use, report: (line) => void lines.push(line) });
    return { outcome, verdict: await aws.verify(on, drawn, use) };
  }
  await as("daytwo");
  return {
    account,
    home,
    lines,
    as,
    target,
    sees,
    async standing(on = target()) {
      if (aws.examine === undefined) throw new Error("the provider says nothing of rights");
      return aws.examine(on, signal());
    },
    plan,
    apply,
    async does(action, given = {}, on = target()) {
      const drawn = await plan(action, given, on);
      expect(await apply(drawn, on)).toMatchObject({ outcome: { kind: "done" }, verdict: { kind: "holds" } });
      return drawn;
    },
    async deploys(number) {
      account.deploys(SERVICE, number);
      await account.settles();
    },
    async close() {
      await account.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function signal(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
