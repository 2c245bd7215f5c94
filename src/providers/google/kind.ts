import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { call, GOOGLE, settings, type Sent, type Settings } from "./api.ts";
import { outcomeOf, outcomeOfSilence, type Answer } from "../http-json.ts";
import type { ApplyUse, Outcome, Provider, Verdict } from "../provider.ts";
import { seenBefore } from "../seen-before.ts";
import { untilClear } from "../until-clear.ts";

/** How anything at Google is seen and acted on, whatever kind of thing it is. */

/** What there is a number of, of each. */
export const INSTANCES = "instances";

export type Of<Seen> = {
  /** Who is at a change for a while: "Cloud Run". */
  readonly name: string;
  /** ms between two looks at a change that takes long; 2 s if left out. */
  readonly later?: number;
  /** All that a change rests on. @throws Expected */
  see(where: Settings, signal: AbortSignal): Promise<Seen>;
  /** @throws Expected */
  observe(target: Target, where: Settings, signal: AbortSignal): Promise<Observation>;
  readonly plan: Provider["plan"];
  /** The one request that a plan comes to. */
  change(where: Settings, seen: Seen, plan: Plan, token: string): Sent;
  /** What it shows of a plan that was, or may have been, applied. @throws Invalid where what tells it is not seen */
  judge(seen: Seen, plan: Plan, token: string): Verdict;
  /** What went wrong with a change that Google took and that does not show, by the answer to it; null where nothing did. @throws Expected */
  failure?(where: Settings, taken: Answer, signal: AbortSignal): Promise<string | null>;
};
export type Kind = Pick<Provider, "observe" | "plan" | "apply" | "verify">;

const LATER = 2_000;

export function kind<Seen>(of: Of<Seen>): Kind {
  /** Google's answer where it took it; null where it had it from before. */
  async function sent(where: Settings, plan: Plan, { token, signal }: ApplyUse): Promise<Outcome | Answer | null> {
    const before = await seenBefore(async () => {
      const core = await of.see(where, signal);
      return { core, shown: of.judge(core, plan, token) };
    });
    if ("kind" in before) return before;
    const { core, shown } = before.seen;
    const { kind: shows, seen } = shown;
    if (shows === "differs") return { kind: "refused", reason: `it changed since the plan was drawn: ${seen}` };
    if (shows !== "untouched") return null;
    try {
      const answer = await call(where, { ...of.change(where, core, plan, token), operation: token }, signal);
      return outcomeOf(answer, GOOGLE) ?? answer;
    } catch (error) {
      return outcomeOfSilence(error, GOOGLE);
    }
  }

  async function look(where: Settings, plan: Plan, use: Pick<ApplyUse, "token" | "signal">): Promise<Verdict> {
    return of.judge(await of.see(where, use.signal), plan, use.token);
  }

  async function lookAfter(taken: Answer | null, where: Settings, plan: Plan, use: ApplyUse): Promise<Verdict> {
    const verdict = await look(where, plan, use);
    if (taken === null || verdict.kind !== "untouched") return verdict;
    const failure = (await of.failure?.(where, taken, use.signal)) ?? null;
    return failure === null ? verdict : { kind: "failed", seen: failure };
  }

  return {
    observe: (target, signal) => of.observe(target, settings.parse(target.settings), signal),
    plan: of.plan,
    async apply(target, plan, use) {
      const where = settings.parse(target.settings);
      const taken = await sent(where, plan, use);
      if (taken !== null && "kind" in taken) return taken;
      return untilClear(() => lookAfter(taken, where, plan, use), { name: of.name, later: of.later ?? LATER }, use);
    },
    verify: (target, plan, use) => look(settings.parse(target.settings), plan, use),
  };
}
