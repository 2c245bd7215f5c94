import type { ReceiverEvent } from "@slack/bolt";
import type { App } from "../src/app.ts";
import { failpoint } from "../src/failpoint.ts";
import { redactedIn } from "../src/redaction.ts";
import * as inbox from "../src/inbox.ts";
import { note, traced } from "../src/telemetry/trace.ts";
import { openWorkQueue } from "../src/work-queue.ts";
import { openAwaitedAnswers, type Answer } from "./awaited-answers.ts";
import { identify, type Body, type Identified } from "./request-key.ts";

/** What Bolt is to us: somebody who takes an event. */
export type Bolt = { processEvent(event: ReceiverEvent): Promise<void> };

/**
 * The way in, the same for HTTP and Socket Mode: record the request under its own key, answer, then let Bolt process.
 * What needs an answer in the response is awaited. A request that was here before is answered and goes no further.
 */
export type Intake = {
  /** False when the body is no request that we know. @throws when it could not be taken: then nothing was answered. */
  take(body: unknown, answer: Answer): Promise<boolean>;
  /** Gives Bolt what was acknowledged and never finished, because the process that had it died. */
  replay(): Promise<void>;
  /** Resolves when nothing that was taken is still being processed. */
  idle(): Promise<void>;
};

/** Handlers that run at once. While many requests come in there is no room, so that no burst makes Slack wait. */
const ROOM = 16;
/** Requests that are held in memory until there is room; more stay in the inbox until they are replayed. */
const MOST_WAITING = 500;

export function openIntake(app: App, bolt: Bolt): Intake {
  const recorder = inbox.openInbox(app);
  const queue = openWorkQueue(() => ROOM - recorder.pressure());
  const running = new Set<Promise<void>>();
  const answers = openAwaitedAnswers(app);

  function process(body: Body, claim: inbox.Claim | null, ack: Answer): Promise<void> {
    return bolt
      .processEvent({ body, ack, customProperties: { claim } })
      .catch((err: unknown) => app.log.error({ err, request: claim?.key }, "a request broke"));
  }

  function watch(processing: Promise<void>): Promise<void> {
    const work = processing.finally(() => running.delete(work));
    running.add(work);
    return work;
  }

  async function inTurn(answered: Promise<void>, work: () => Promise<void>): Promise<void> {
    await answered;
    await failpoint("C3");
    if (queue.waiting() < MOST_WAITING) await queue.take(work);
    else note({ "daytwo.outcome": "left for later" });
  }

  async function receive({ key, kind, awaited }: Identified, body: Body, answer: Answer): Promise<void> {
    await failpoint("C1");
    const claim = key === null ? null : inbox.firstClaim(app, key);
    if (key !== null && !(await recorder.record({ key, kind, body }))) {
      note({ "daytwo.outcome": "repeated" });
      return answer(awaited ? await answers.saidTo(key) : undefined);
    }
    // At once: the same form may be in the same batch, and asks what is said to this one.
    if (awaited) return answers.work(key, answer, (once) => watch(process(body, claim, once)));
    await failpoint("C2");
    // It is kept, so it is done, whether or not the answer still gets through.
    const answered = answer().catch((err: unknown) =>
      app.log.warn({ err, request: key }, "an acknowledgement was lost"),
    );
    void watch(inTurn(answered, () => process(body, claim, nothing)));
    return answered;
  }

  return {
    async take(sent, answer) {
      // Whoever types a secret that we know has told Slack; it is not kept a second time.
      const body = redactedIn(sent);
      const request = identify(body);
      if (request === null) return false;
      const began = performance.now();
      async function timed(payload?: unknown): Promise<void> {
        await answer(payload);
        app.counters.acknowledged((performance.now() - began) / 1000);
      }
      // From here to the acknowledgement; what is done afterwards belongs to the same trace.
      await traced(`Slack ${request.kind}`, {}, () => receive(request, body as Body, timed), { kind: "server" });
      return true;
    },
    async replay() {
      for (let next = await inbox.nextUnfinished(app); next !== null; next = await inbox.nextUnfinished(app)) {
        const { kind, body, ...claim } = next;
        await traced(`replay ${kind}`, {}, () => watch(process(body, claim, nothing)));
      }
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

async function nothing(): Promise<void> {}
