import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Action, Arguments, Plan } from "../../src/domain/action.ts";
import type { Target } from "../../src/domain/catalog.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { google } from "../../src/providers/google/index.ts";
import type { Outcome, Standing, Verdict } from "../../src/providers/provider.ts";
import { DATABASE, GROUP, openGoogle, WHERE, type TestGoogle } from "./google/index.ts";

/** Google and the provider beside it, for what is Google's own. */
export type GoogleDesk = {
  readonly far: TestGoogle;
  /** What was reported while things were done. */
  readonly lines: readonly string[];
  /** Comes with this JSON. */
  as(credentials: string): void;
  target(): Target;
  sees(): Promise<Observation>;
  standing(): Promise<Standing>;
  plan(action: Action, given?: Arguments): Promise<Plan>;
  apply(drawn: Plan, token?: string): Promise<{ outcome: Outcome; verdict: Verdict }>;
  /** Planned, done and seen to be so. */
  does(action: Action, given?: Arguments): Promise<Plan>;
  close(): Promise<void>;
};

export const ACCOUNT = "daytwo@acme-shop.iam.gserviceaccount.com";

export async function openGoogleDesk(what: "service" | "group" | "database"): Promise<GoogleDesk> {
  const far = await openGoogle();
  const name = `GOOGLE_${randomBytes(4).toString("hex").toUpperCase()}`;
  const lines: string[] = [];
  let steps = 0;

  function as(credentials: string): void {
    process.env[name] = credentials;
  }
  function target(): Target {
    const where = {
      service: { ...WHERE, api: far.server.url },
      group: { ...GROUP, api: far.compute.url },
      database: { ...DATABASE, api: far.sql.url },
    };
    const settings = { ...where[what], credentials: { env: name } };
    return { key: "shop/web", service: "shop", name: "web", provider: "google", settings };
  }
  function sees(): Promise<Observation> {
    return google.observe(target(), signal());
  }
  async function plan(action: Action, given: Arguments = {}): Promise<Plan> {
    return google.plan({ action, arguments: given, target: target() }, await sees());
  }
  async function apply(drawn: Plan, token?: string): Promise<{ outcome: Outcome; verdict: Verdict }> {
    steps += 1;
    const use = { token: token ?? `step-${steps}`, signal: signal() };
    const outcome = await google.apply(target(), drawn, { ...use, report: (line) => void lines.push(line) });
    return { outcome, verdict: await google.verify(target(), drawn, use) };
  }
  as(far.account(ACCOUNT));
  return {
    far,
    lines,
    as,
    target,
    sees,
    async standing() {
      if (google.examine === undefined) throw new Error("the provider says nothing of rights");
      return google.examine(target(), signal());
    },
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
