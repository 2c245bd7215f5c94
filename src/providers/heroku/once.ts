import type { Plan } from "../../domain/action.ts";
import { outcomeOf, outcomeOfSilence } from "../http-json.ts";
import type { ApplyUse, Outcome, Verdict } from "../provider.ts";
import { seenBefore } from "../seen-before.ts";
import { untilClear } from "../until-clear.ts";
import { call, HEROKU, type Sent, type Settings } from "./api.ts";

/** A plan's one request, sent only where nothing shows of it yet, and what Heroku makes of it. */

export type Way = {
  /** What shows of the plan, whoever did it. @throws Unavailable | Invalid */
  look(): Promise<Verdict>;
  /** By what was looked at before; null where there is nothing to go back to any more. */
  request(): Sent | null;
  /** ms between two looks, once it takes long. */
  readonly later: number;
};
export type WayOf = (where: Settings, plan: Plan, signal: AbortSignal) => Way;

/**
 * Heroku compares nothing before it changes something, and knows no request again. So it is looked at right before, and
 * what shows already is not sent: what is left is a moment between the look and the request.
 */
export async function once(where: Settings, { look, request, later }: Way, use: ApplyUse): Promise<Outcome> {
  const before = await seenBefore(look);
  if ("kind" in before) return before;
  const { kind, seen } = before.seen;
  if (kind === "differs") return { kind: "refused", reason: `it changed since the plan was drawn: ${seen}` };
  if (kind === "failed") return { kind: "failed", reason: seen };
  if (kind === "untouched") {
    const outcome = await send(where, request(), use);
    if (outcome !== null) return outcome;
  }
  return untilClear(look, { name: HEROKU.name, later }, use);
}

/** Null where Heroku took it. */
async function send(where: Settings, sent: Sent | null, { token, signal }: ApplyUse): Promise<Outcome | null> {
  if (sent === null)
    return { kind: "refused", reason: "what it would go back to is no longer there, so nothing was sent" };
  const { to = HEROKU } = sent;
  try {
    return outcomeOf(await call(where, { ...sent, operation: token }, signal), to);
  } catch (error) {
    return outcomeOfSilence(error, to);
  }
}
