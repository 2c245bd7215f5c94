import { randomBytes } from "node:crypto";
import type { App } from "../src/app.ts";
import type { Caller, Surface } from "../src/caller.ts";
import { Denied, Expected, Invalid, Repeated, Unavailable } from "../src/errors.ts";
import * as inbox from "../src/inbox.ts";
import { actorOf } from "../src/slack-accounts.ts";
import { isLacking, SlackLimited, SlackRefused, SlackSilent } from "../src/slack-client.ts";
import type { Message } from "../src/slack/blocks.ts";
import { brokenMessage, problemMessage } from "../src/slack/answer-message.ts";
import { failed, traced } from "../src/telemetry/trace.ts";
import type { Body } from "./request-key.ts";
import { isObject, objectIn, textOf } from "../src/domain/json-object.ts";
import { originOf, tell, type Origin } from "./replies.ts";

/** Around every listener: who asks, under which key, and what each kind of error becomes for them and for the log. */

export type Surroundings = { readonly app: App; readonly apiUrl: string | undefined };

export type Call = {
  readonly app: App;
  readonly caller: Caller;
  readonly body: Body;
  readonly origin: Origin;
  /** Tells only the person who asked. */
  reply(message: Message): Promise<void>;
  /** Opens a modal while the trigger lives. @throws Unavailable when it is gone, as it is on a replay */
  openModal(view: object): Promise<void>;
};

/** Field errors of a modal, by block id; nothing when it may close. */
export type FieldErrors = Readonly<Record<string, string>>;

type Listener = { readonly body: unknown; readonly context: object };
/** Bolt types `ack` per kind of view; all of them take the errors of a form. */
type Acknowledging = Listener & { readonly ack: unknown };

/** For what Slack has been answered already: commands, buttons, shortcuts, mentions. */
export function bounded(
  { app, apiUrl }: Surroundings,
  surface: Surface,
  what: string,
  work: (call: Call) => Promise<void>,
): (args: Listener) => Promise<void> {
  async function handle({ body, context }: Listener): Promise<void> {
    if (!isObject(body)) return;
    const claim = claimIn(context);
    const origin = originOf(body, isReplay(claim));
    function say(message: Message): Promise<void> {
      return tellOne({ app, apiUrl }, { origin, claim, what }, message);
    }
    let caller: Caller | null = null;
    try {
      const actor = await actorOf(app, origin.team, origin.account);
      caller = { actor, surface, request: claim };
      await work({
        app,
        caller,
        body,
        origin,
        reply: say,
        openModal: (view) => openModal(app, origin, view),
      });
      // The answer is given; where this cannot be noted it is given once more.
      if (claim !== null) await quietly(app, () => inbox.done(app, claim));
    } catch (error) {
      const message = await messageFor(app, { error, what, caller, claim });
      if (!wasTold(claim, error)) await say(message);
    }
  }
  return (args) => handling(surface, what, () => handle(args));
}

/** What the listener of a submitted modal gets: it answers in the modal itself. */
export type Submitted = Omit<Call, "reply" | "openModal">;

/** For modals that were submitted: what is wrong is said in the modal, at the field where it can be; `after` is what follows once it has closed. */
export function boundedModal(
  { app, apiUrl }: Surroundings,
  what: string,
  work: (call: Submitted) => Promise<FieldErrors | null>,
  after: (call: Submitted) => Promise<void>,
): (args: Acknowledging) => Promise<void> {
  async function handle({ body, context, ack }: Acknowledging): Promise<void> {
    if (!isObject(body)) return;
    const claim = claimIn(context);
    const origin = originOf(body, isReplay(claim));
    const asked = { origin, claim, what };
    let caller: Caller | null = null;
    let errors: FieldErrors | null;
    try {
      const actor = await actorOf(app, origin.team, origin.account);
      caller = { actor, surface: "modal", request: claim };
      errors = await work({ app, caller, body, origin });
      if (claim !== null && errors === null) await inbox.done(app, claim);
    } catch (error) {
      const message = await messageFor(app, { error, what, caller, claim });
      errors = { [ANY_FIELD]: plainOf(error, message) };
      if (isReplay(claim)) return wasTold(claim, error) ? undefined : tellOne({ app, apiUrl }, asked, message);
    }
    if (isReplay(claim) && errors !== null) {
      const problem = new Invalid(Object.values(errors).join(" "), { hint: "Open the form again." });
      return tellOne({ app, apiUrl }, asked, await messageFor(app, { error: problem, what, caller, claim }));
    }
    // The form stays open, and Slack sends it under the same id when it has been put right.
    if (claim !== null && errors !== null) await quietly(app, () => inbox.release(app, claim));
    const answer = ack as (payload?: object) => Promise<void>;
    await (errors === null ? answer() : answer({ response_action: "errors", errors: atFields(errors, body) }));
    if (errors === null && caller !== null) await after({ app, caller, body, origin });
  }
  return (args) => handling("modal", what, () => handle(args));
}

type Asked = { readonly origin: Origin; readonly claim: inbox.Claim | null; readonly what: string };

/** @throws where it cannot be known whether somebody else tells them */
async function tellOne({ app, apiUrl }: Surroundings, { origin, claim, what }: Asked, message: Message): Promise<void> {
  if (claim !== null && !(await inbox.isOurs(app, claim)))
    return app.log.info({ what, request: claim.key }, "an answer is left to whoever took its request up");
  await tell(app, origin, message, apiUrl).catch((err: unknown) => {
    if (!isLacking(err)) app.log.warn({ err, what }, "an answer did not reach its person");
  });
}

function handling(surface: Surface, what: string, work: () => Promise<void>): Promise<void> {
  return traced(`handle ${what}`, { "daytwo.surface": surface }, work);
}

/** As the intake gave it to Bolt. */
function claimIn(context: object): inbox.Claim | null {
  return "claim" in context ? (context.claim as inbox.Claim | null) : null;
}

function isReplay(claim: inbox.Claim | null): boolean {
  return claim !== null && claim.attempts > 0;
}

/** Whether an earlier try has told its sender: that it was done, or that something broke. */
function wasTold(claim: inbox.Claim | null, error: unknown): boolean {
  if (error instanceof Repeated) return isReplay(claim);
  return !(asExpected(error) instanceof Expected) && claim !== null && claim.problem !== null;
}

/** What Slack says of a trigger that is older than three seconds, or was used before. */
const TOO_LATE = new Set(["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"]);

async function openModal(app: App, { trigger }: Origin, view: object): Promise<void> {
  if (trigger === null) throw tooLate();
  await app.slack.call("views.open", { trigger_id: trigger, view }).catch((error: unknown) => {
    if (isLacking(error))
      throw new Unavailable("No form can be opened here.", {
        cause: error,
        hint: "Type it instead: `/day2 help` says how.",
      });
    throw error instanceof SlackRefused && TOO_LATE.has(error.error) ? tooLate(error) : error;
  });
}

function tooLate(cause?: Error): Unavailable {
  return new Unavailable("The form could not be opened in time.", { cause, hint: "Try again." });
}

type Failure = {
  readonly error: unknown;
  readonly what: string;
  readonly caller: Caller | null;
  readonly claim: inbox.Claim | null;
};

/** The one translator of errors for people. A refusal is logged as an event; a bug with its whole chain, under a reference. */
async function messageFor(app: App, { error: thrown, what, caller, claim }: Failure): Promise<Message> {
  failed(thrown);
  const error = asExpected(thrown);
  if (error instanceof Expected) {
    if (error instanceof Unavailable) app.log.warn({ err: error, what }, "what a request needs does not answer");
    if (error instanceof Denied && caller !== null) await quietly(app, () => inbox.refused(app, caller, what, error));
    if (claim !== null) await quietly(app, () => inbox.failed(app, claim, error.message));
    return problemMessage(error);
  }
  // The request stays unhandled: if it was an outage, it is taken up again when that is over.
  const reference = randomBytes(2).toString("hex");
  app.log.error({ err: error, what, reference, request: claim?.key }, "a handler broke");
  if (claim !== null) await quietly(app, () => inbox.broke(app, claim, `Something broke, ref ${reference}.`));
  return brokenMessage(reference);
}

/** That Slack does not answer, or asks us to wait, is no fault of ours: whoever asked tries again. */
function asExpected(thrown: unknown): unknown {
  if (!(thrown instanceof SlackSilent || thrown instanceof SlackLimited)) return thrown;
  return new Unavailable("Slack does not let me do that right now.", { cause: thrown, hint: "Try again in a minute." });
}

async function quietly(app: App, work: () => Promise<void>): Promise<void> {
  await work().catch((err: unknown) => app.log.error({ err }, "the log could not be written"));
}

function plainOf(thrown: unknown, message: Message): string {
  const error = asExpected(thrown);
  return error instanceof Expected ? error.sentences : message.text;
}

const ANY_FIELD = "";

/** Slack takes an error only at a field that the form has: what is about none of them stands at the first. */
function atFields(errors: FieldErrors, body: Body): FieldErrors {
  const { blocks: all } = objectIn(body, "view");
  const blocks: unknown[] = Array.isArray(all) ? all : [];
  const fields = blocks.flatMap((block) =>
    isObject(block) && block["type"] === "input" ? (textOf(block["block_id"]) ?? []) : [],
  );
  const there = Object.entries(errors).filter(([id]) => fields.includes(id));
  return there.length > 0 ? Object.fromEntries(there) : { [fields[0] ?? ""]: Object.values(errors).join(" ") };
}
