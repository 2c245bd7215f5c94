import * as operations from "../../src/operations.ts";
import { goAlone } from "../../src/operations/going-alone.ts";
import { answerMessage } from "../../src/slack/answer-message.ts";
import { window } from "../windows.ts";
import type { Verbs } from "./verb.ts";

/** Deciding on what was asked for, and freezing changes. */

export const DECIDE = {
  approve: async (app, caller, { operation, alone, typed = null }) => {
    if (alone !== undefined) {
      await goAlone(app, caller, operation, { reason: alone, seenHash: null });
      return answerMessage(
        `You went alone with op-${operation}. Everybody who may approve it is told, and a review is due.`,
      );
    }
    await operations.approve(app, caller, operation, { seenHash: null, typed });
    return answerMessage(`You approved op-${operation}. Its card shows what happens next.`);
  },
  deny: async (app, caller, { operation, reason }) => {
    await operations.deny(app, caller, operation, reason);
    return answerMessage(`You denied op-${operation}. Whoever asked for it is told why.`);
  },
  cancel: async (app, caller, { operation }) =>
    answerMessage(`op-${operation} is ${await operations.cancel(app, caller, operation)}.`),
  freeze: window,
} satisfies Partial<Verbs>;
