import type { z } from "zod";
import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation } from "../../domain/observation.ts";
import { call, type Place } from "./api.ts";
import type { Work } from "./client.ts";
import { examination, type Tries } from "./rights.ts";
import { AWS, codeOf } from "./words.ts";
import { outcomeOf, outcomeOfSilence } from "../http-json.ts";
import type { ApplyUse, Outcome, Provider, Verdict } from "../provider.ts";
import { seenBefore } from "../seen-before.ts";
import { untilClear } from "../until-clear.ts";

/** How anything at AWS is seen and acted on, whatever kind of thing it is. */

export type Of<Where extends Place, Core> = {
  /** The settings of a target of this kind. */
  readonly settings: z.ZodType<Where>;
  /** All that a change rests on. @throws Expected */
  see(where: Where, signal: AbortSignal): Promise<Core>;
  /** @throws Expected */
  observe(target: Target, core: Core, signal: AbortSignal): Promise<Observation> | Observation;
  readonly plan: Provider["plan"];
  /** The one request that a plan comes to. */
  change(core: Core, plan: Plan, token: string): Work;
  /** What it shows of a plan that was, or may have been, applied. @throws Invalid where what tells it is not seen */
  judge(core: Core, plan: Plan, token: string): Verdict;
  /** Whether what is on its way before anything was sent is surely somebody else's, where that shows. */
  isOthers?(core: Core, plan: Plan): boolean;
  /** The code by which AWS says that it had this very request before, where it can tell. */
  readonly repeated?: string;
  /** Asks once for all that looking takes. */
  rights(where: Where, tries: Tries): Promise<void>;
};
export type Kind = Pick<Provider, "observe" | "plan" | "apply" | "verify"> & {
  examine: NonNullable<Provider["examine"]>;
};

const LATER = 5_000; // ms, the most between two looks: each is some of the account's requests

export function kind<Where extends Place, Core>(of: Of<Where, Core>): Kind {
  function whereIs(target: Target): Where {
    return of.settings.parse(target.settings);
  }

  /**
   * AWS compares nothing before it changes something, and knows hardly any request again. So it is looked at right before, and
   * what shows already is not sent: what is left is a moment between the look and the request. Null where AWS took it.
   */
  async function sent(where: Where, plan: Plan, { token, signal }: ApplyUse): Promise<Outcome | null> {
    const before = await seenBefore(async () => {
      const core = await of.see(where, signal);
      return { core, shown: of.judge(core, plan, token) };
    });
    if ("kind" in before) return before;
    const { core, shown } = before.seen;
    const { kind: shows, seen } = shown;
    if (shows === "differs" || (shows === "pending" && of.isOthers?.(core, plan) === true))
      return { kind: "refused", reason: `it changed since the plan was drawn: ${seen}` };
    if (shows === "failed") return { kind: "failed", reason: seen };
    if (shows !== "untouched") return null;
    try {
      const answer = await call(where, of.change(core, plan, token), { signal, operation: token });
      return of.repeated !== undefined && codeOf(answer.body) === of.repeated ? null : outcomeOf(answer, AWS);
    } catch (error) {
      return outcomeOfSilence(error, AWS);
    }
  }

  async function look(
    where: Where,
    plan: Plan,
    { token, signal }: Pick<ApplyUse, "token" | "signal">,
  ): Promise<Verdict> {
    return of.judge(await of.see(where, signal), plan, token);
  }

  return {
    examine(target, signal) {
      const where = whereIs(target);
      return examination(where, (tries) => of.rights(where, tries), signal);
    },
    async observe(target, signal) {
      return of.observe(target, await of.see(whereIs(target), signal), signal);
    },
    plan: of.plan,
    /** Sends a plan's one request, and follows what AWS makes of it. */
    async apply(target, plan, use) {
      const where = whereIs(target);
      const outcome = await sent(where, plan, use);
      if (outcome !== null) return outcome;
      return untilClear(() => look(where, plan, use), { name: AWS.name, later: LATER }, use);
    },
    verify: (target, plan, use) => look(whereIs(target), plan, use),
  };
}
