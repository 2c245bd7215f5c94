import type { App } from "../src/app.ts";
import type { Message } from "../src/slack/blocks.ts";
import type { SlackOutcome } from "../src/telemetry/counters.ts";
import { traced } from "../src/telemetry/trace.ts";
import { directMessages } from "../src/delivery/places.ts";
import { isLacking, SlackLimited, SlackRefused, SlackSilent } from "../src/slack-client.ts";
import type { Body } from "./request-key.ts";
import { objectIn } from "../src/domain/json-object.ts";

/** Answers that do not stay: only the person who asked sees them. */

/** Where a request came from, whatever its shape. */
export type Origin = {
  readonly account: string;
  readonly team: string;
  readonly channel: string | null;
  /** The root of the thread that it was said or pressed in. */
  readonly thread: string | null;
  readonly responseUrl: string | null;
  readonly trigger: string | null;
};

/** On a replay the trigger that opens a form has long expired, and a form that was sent has closed. */
export function originOf(body: Body, isReplay = false): Origin {
  const event = objectIn(body, "event");
  const user = objectIn(body, "user");
  const team = objectIn(body, "team");
  const channel = objectIn(body, "channel");
  return {
    account: first(body["user_id"], user["id"], event["user"]) ?? "",
    team: first(user["team_id"], team["id"], event["user_team"], event["team"], body["team_id"]) ?? "",
    channel: first(body["channel_id"], channel["id"], event["channel"]),
    thread: first(event["thread_ts"]) ?? threadOf(body),
    responseUrl: first(body["response_url"]),
    trigger: isReplay ? null : first(body["trigger_id"]),
  };
}

/** Of a message that was acted on. A root with replies names itself as its thread: it is read in its channel. */
function threadOf(body: Body): string | null {
  const container = objectIn(body, "container");
  const message = objectIn(body, "message");
  const thread = first(container["thread_ts"], message["thread_ts"]);
  return thread === first(container["message_ts"], message["ts"]) ? null : thread;
}

function first(...values: readonly unknown[]): string | null {
  return values.find((value): value is string => typeof value === "string" && value !== "") ?? null;
}

/** Whether an address is on one of Slack's hosts, or where SLACK_API_URL says that its Web API is. */
function isTrusted(responseUrl: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(responseUrl)) return false;
  const url = new URL(responseUrl);
  if (apiUrl !== undefined && url.origin === new URL(apiUrl).origin) return true;
  return url.protocol === "https:" && (url.hostname === "hooks.slack.com" || url.hostname === "hooks.slack-gov.com");
}

/** For the log: the rest of such an address lets whoever knows it answer. */
function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : "no address";
}

/**
 * Tells the person who asked, by the best way that their request offers. Where Slack surely showed them nothing, the next
 * one is tried: a response_url expires after half an hour or five answers, and the person may not be in the channel.
 */
export async function tell(app: App, origin: Origin, message: Message, apiUrl: string | undefined): Promise<void> {
  let problem: Error | null = null;
  for (const way of waysOf(app, origin, message, apiUrl)) {
    if (problem !== null && !isLacking(problem)) app.log.info({ err: problem }, "an answer goes by another way");
    problem = await way().then(() => null, whyUntold);
    if (problem === null) return;
  }
  if (problem !== null) throw problem;
}

/** Why nothing was told. @throws where that is not known */
function whyUntold(error: unknown): Error {
  if (error instanceof SlackRefused || error instanceof SlackLimited) return error;
  throw error;
}

type Way = () => Promise<unknown>;

/** The best first. */
function waysOf(
  app: App,
  { responseUrl, channel, thread, trigger, account }: Origin,
  { text, blocks }: Message,
  apiUrl: string | undefined,
): Way[] {
  const content = { text, blocks };
  const answering: Way[] = [];
  const here: Way[] = [];
  if (responseUrl !== null && isTrusted(responseUrl, apiUrl)) answering.push(() => post(app, responseUrl, content));
  else if (responseUrl !== null)
    app.log.warn({ host: hostOf(responseUrl) }, "a response_url that is not Slack's was not used");
  if (channel !== null) {
    const within = { channel, user: account, ...(thread === null ? {} : { thread_ts: thread }) };
    here.push(() => app.slack.call("chat.postEphemeral", { ...content, ...within }));
  } else if (trigger !== null) {
    const words = { title: { type: "plain_text", text: "Daytwo" }, close: { type: "plain_text", text: "Close" } };
    here.push(() => app.slack.call("views.open", { trigger_id: trigger, view: { type: "modal", ...words, blocks } }));
  }
  async function directly(): Promise<unknown> {
    return app.slack.call("chat.postMessage", { ...content, channel: await directMessages(app, account) });
  }
  // What only one person sees, a response_url shows in the channel, where nobody looks who pressed in a thread.
  return [...(thread === null ? [...answering, ...here] : [...here, ...answering]), directly];
}

function post(app: App, url: string, content: object): Promise<void> {
  const facts = { "slack.method": "response_url" };
  return traced("Slack response_url", facts, () => send(app, url, content), { kind: "client" });
}

async function send(app: App, url: string, content: object): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({ ...content, response_type: "ephemeral", replace_original: false }),
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  }).catch((error: unknown) => {
    app.counters.called("response_url", "silent");
    throw error;
  });
  await response.body?.cancel();
  app.counters.called("response_url", outcomeOf(response.status));
  if (response.ok) return;
  const status = `status ${response.status}`;
  throw response.status < 500
    ? new SlackRefused("an answer", status, [], {})
    : new SlackSilent(`Slack may have taken an answer, or not (${status})`);
}

function outcomeOf(status: number): SlackOutcome {
  if (status === 429) return "limited";
  return status < 300 ? "ok" : "refused";
}
