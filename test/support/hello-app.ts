/** A small app made with Bolt: what the workspace is proven with. */

import { App, HTTPReceiver, SocketModeReceiver } from "@slack/bolt";
import type { BlockAction, ButtonAction, ViewResponseAction } from "@slack/bolt";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openSlack } from "./slack.ts";
import type { Slack, SlackOptions } from "./slack.ts";
import { logger } from "./web-client.ts";

export interface Started extends AsyncDisposable {
  slack: Slack;
  /** What the app heard, in its own words. */
  heard: unknown[][];
  triggers: string[];
  responseUrls: string[];
  /** Stops the app and leaves the workspace. */
  stop(): Promise<void>;
}

type Heard = Omit<Started, "slack" | "stop" | typeof Symbol.asyncDispose>;

/** Runs the app against a fresh workspace, over sockets or as an HTTP server that gets signed requests. */
export async function startHelloApp(transport: "socket" | "http", options: SlackOptions = {}): Promise<Started> {
  const slack = await openSlack(options);
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } };
  const { signingSecret, appToken, botToken } = slack;
  const receiver =
    transport === "http"
      ? new HTTPReceiver({ signingSecret, logger })
      : new SocketModeReceiver({ appToken, logger, clientPingTimeout: 300, installerOptions: { clientOptions } });
  const app = new App({ token: botToken, receiver, clientOptions, logger, extendedErrorHandler: false });
  const heard: Heard = { heard: [], triggers: [], responseUrls: [] };
  hello(app, heard);
  const server = (await app.start({ port: 0, host: "127.0.0.1" })) as Server;
  if (transport === "http") {
    const { port } = server.address() as AddressInfo;
    await slack.eventsUrl(`http://127.0.0.1:${port}/slack/events`);
  }
  let running = true;
  async function stop(): Promise<void> {
    if (running) await app.stop();
    running = false;
  }
  async function close(): Promise<void> {
    await stop();
    await slack.close();
  }
  return { slack, ...heard, stop, [Symbol.asyncDispose]: close };
}

function hello(app: App, { heard, triggers, responseUrls }: Heard): void {
  app.command("/day2", async ({ command, ack, client: web, respond }) => {
    const { text, channel_id: channel, trigger_id } = command;
    if (text === "sleep") return;
    if (text === "card") {
      await ack();
      await web.chat.postMessage({
        channel,
        text: "shop is down",
        blocks: [section("shop is down"), buttons("Take it")],
      });
    } else if (text === "form") {
      await ack();
      await web.views.open({ trigger_id, view: form() });
    } else if (text === "whisper") {
      await ack();
      await respond({ text: "Sure?", blocks: [section("Sure?"), buttons("Sure")] });
    } else if (text === "trigger") {
      triggers.push(trigger_id);
      responseUrls.push(command.response_url);
      await ack();
    } else {
      await ack(`you said: ${text}`);
    }
  });
  app.action<BlockAction<ButtonAction>>("press", async ({ ack, body, client: web, respond }) => {
    await ack();
    if (body.container["is_ephemeral"] === true) {
      heard.push(["clicked", true, body.message]);
      responseUrls.push(body.response_url);
      await respond({ replace_original: true, text: "Done" });
      return;
    }
    await web.chat.update({
      channel: body.channel?.id ?? "",
      ts: body.message?.ts ?? "",
      text: "taken",
      blocks: [section(`<@${body.user.id}> has it`)],
    });
  });
  app.options("service", async ({ ack, payload }) => {
    const text = { type: "plain_text" as const, text: payload.value };
    await ack({ options: [{ text, value: `svc-${payload.value}` }] });
  });
  app.view("hand_off", async ({ ack, view }) => {
    const { why, who, sure, service } = view.state.values;
    const answer = ANSWERS[why?.["why"]?.value ?? ""];
    if (answer !== undefined) return ack(answer);
    heard.push([
      "submitted",
      why?.["why"]?.value,
      who?.["who"]?.selected_user,
      sure?.["sure"]?.selected_option?.value,
      service?.["service"]?.selected_option?.value,
    ]);
    return ack();
  });
  app.view("on_top", ({ ack }) => ack({ response_action: "clear" }));
  app.view({ callback_id: "hand_off", type: "view_closed" }, async ({ ack, view }) => {
    heard.push(["closed", view.callback_id]);
    await ack();
  });
  app.shortcut("item_from_message", async ({ ack, shortcut }) => {
    heard.push(["shortcut", "message" in shortcut ? shortcut.message.text : null]);
    await ack();
  });
  app.event("app_home_opened", async ({ event, client: web }) => {
    const view = { type: "home" as const, blocks: [section(`Hello <@${event.user}>`)] };
    await web.views.publish({ user_id: event.user, view });
  });
  app.event("app_mention", async ({ event, client: web }) => {
    await web.chat.postMessage({
      channel: event.channel,
      text: `heard ${event.text}`,
      thread_ts: event.thread_ts ?? event.ts,
    });
  });
}

/** What the app answers to a submission, by what was entered as the reason. */
const ANSWERS: Record<string, ViewResponseAction> = {
  no: { response_action: "errors", errors: { why: "Say more." } },
  change: { response_action: "update", view: modal("Changed") },
  more: { response_action: "push", view: { ...modal("On top"), submit: label("Go on"), callback_id: "on_top" } },
  broken: { response_action: "update", view: modal("A title that is longer than Slack takes") },
};

function form() {
  const options = ["Quite", "Not"].map((text) => ({ text: label(text), value: text.toLowerCase() }));
  return {
    ...modal("Hand off"),
    callback_id: "hand_off",
    submit: label("Hand off"),
    notify_on_close: true,
    blocks: [
      {
        type: "input" as const,
        block_id: "why",
        label: label("Why"),
        element: { type: "plain_text_input" as const, action_id: "why" },
      },
      {
        type: "input" as const,
        block_id: "who",
        label: label("Who"),
        element: { type: "users_select" as const, action_id: "who", initial_user: "U0BEN" },
      },
      {
        type: "input" as const,
        block_id: "sure",
        optional: true,
        label: label("How sure"),
        element: { type: "static_select" as const, action_id: "sure", options },
      },
      {
        type: "input" as const,
        block_id: "service",
        optional: true,
        label: label("Which service"),
        element: { type: "external_select" as const, action_id: "service", min_query_length: 0 },
      },
    ],
  };
}

function label(text: string) {
  return { type: "plain_text" as const, text };
}

export function modal(title = "Hello") {
  return { type: "modal" as const, title: label(title), blocks: [section("Hello")] };
}

export function section(text: string) {
  return { type: "section" as const, text: { type: "mrkdwn" as const, text } };
}

export function buttons(...labels: string[]) {
  const elements = labels.map((text) => ({
    type: "button" as const,
    action_id: "press",
    value: "42",
    text: { type: "plain_text" as const, text },
  }));
  return { type: "actions" as const, block_id: "buttons", elements };
}
