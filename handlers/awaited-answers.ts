import type { App } from "../src/app.ts";
import { Unavailable } from "../src/errors.ts";
import { failpoint } from "../src/failpoint.ts";
import * as inbox from "../src/inbox.ts";

/** How one request is answered on its transport; `payload` is what `ack` was given. */
export type Answer = (payload?: unknown) => Promise<void>;

/** Requests whose sender waits for an answer: forms above all, which close when there is none. */
export type AwaitedAnswers = {
  /** Works on one; the first acknowledgement is its answer. Slack gets one even if the handler breaks before. */
  work(key: string | null, answer: Answer, work: (once: Answer) => Promise<void>): Promise<void>;
  /** The answer to a request that Slack sent again: the same as the first one's. @throws Unavailable where that is not known here */
  saidTo(key: string): Promise<unknown>;
};

export function openAwaitedAnswers(app: App): AwaitedAnswers {
  const said = new Map<string, Promise<unknown>>();
  return {
    async work(key, answer, work) {
      const saying = Promise.withResolvers<unknown>();
      if (key !== null) said.set(key, saying.promise);
      let isSaid = false;
      async function once(payload?: unknown): Promise<void> {
        if (isSaid) return;
        isSaid = true;
        saying.resolve(payload);
        await answer(payload);
      }
      try {
        await failpoint("C2");
        await work(once);
        await once();
      } finally {
        saying.resolve(undefined);
        if (key !== null) said.delete(key);
      }
    },
    async saidTo(key) {
      const first = said.get(key);
      if (first === undefined && !(await inbox.isDone(app, key)))
        throw new Unavailable("The same form is being worked on elsewhere.");
      return first;
    },
  };
}
