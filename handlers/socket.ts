import { globalAgent } from "node:https";
import { SocketModeReceiver, type ReceiverEvent } from "@slack/bolt";
import { EnvHttpProxyAgent } from "undici";
import type { App } from "../src/app.ts";
import { doubled } from "../src/domain/back-off.ts";
import { Invalid, Unavailable } from "../src/errors.ts";
import { isLacking, translated } from "../src/slack-client.ts";
import { cannotStart } from "../src/slack-problem.ts";
import { SILENT_LOGGER } from "../src/silent-logger.ts";
import { pause } from "../src/wait.ts";

/** A Socket Mode connection that reconnects: at once when Slack recycles it, again and again while Slack is away. */
export type Socket = {
  /** @throws Invalid when Slack does not accept the app-level token, Unavailable when it cannot be reached */
  start(): Promise<void>;
  stop(): Promise<void>;
};

export type SocketOptions = { readonly appToken: string; readonly apiUrl: string | undefined };

const WAIT = { first: 100, most: 30_000 }; // ms between two tries to connect

type BoltApp = Parameters<SocketModeReceiver["init"]>[0];

export function openSocket(app: App, options: SocketOptions, receive: (event: ReceiverEvent) => Promise<void>): Socket {
  const receiver = new SocketModeReceiver({
    appToken: options.appToken,
    logger: SILENT_LOGGER,
    ...throughProxy(),
    installerOptions: {
      clientOptions: {
        ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
        retryConfig: { retries: 0 },
        timeout: 10_000,
      },
    },
  });
  const { client } = receiver;
  // Its own reconnect misses requests for seconds each time, and ends the process when Slack cannot be reached.
  Object.assign(client, { autoReconnectEnabled: false });
  receiver.init({ processEvent: receive } as unknown as BoltApp);
  surviveNonsense(app, client);
  const stopping = new AbortController();
  let returning: Promise<void> | null = null;

  async function comeBack(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        await client.start();
        return;
      } catch (err) {
        const wait = doubled(failures, WAIT);
        app.log.warn({ err, wait }, "the socket to Slack is not back yet");
        await pause(wait, stopping.signal);
      }
    }
  }

  return {
    async start() {
      await client.start().catch((cause: unknown) => {
        throw problemOf(cause, options.apiUrl);
      });
      client.on("disconnected", () => {
        returning ??= comeBack().finally(() => (returning = null));
      });
    },
    async stop() {
      stopping.abort();
      await returning;
      await client.disconnect();
    },
  };
}

/** Where Node takes its own calls through the environment's proxy, the client's socket has to be told. */
function throughProxy(): { dispatcher?: EnvHttpProxyAgent } {
  return globalAgent.options.proxyEnv === undefined ? {} : { dispatcher: new EnvHttpProxyAgent() };
}

/** A message that the client cannot read would end the process, because nobody awaits its reader. */
function surviveNonsense(app: App, client: SocketModeReceiver["client"]): void {
  const readers = client.listeners("ws_message") as ((...message: unknown[]) => Promise<void>)[];
  client.removeAllListeners("ws_message");
  for (const read of readers) {
    client.on("ws_message", (...message: unknown[]) => {
      read.apply(client, message).catch((err: unknown) => app.log.warn({ err }, "nonsense came over the socket"));
    });
  }
}

function problemOf(thrown: unknown, apiUrl: string | undefined): Invalid | Unavailable {
  // That the socket itself does not open is all that the client says.
  if (thrown === undefined)
    return new Unavailable("Slack opens no socket.", {
      hint: "Check the network, and any proxy on the way: Socket Mode needs wss:// to Slack.",
    });
  const cause = translated("apps.connections.open", thrown);
  if (isLacking(cause) && apiUrl !== undefined)
    return new Invalid("What is at SLACK_API_URL has no apps.connections.open, so there is no Socket Mode with it.", {
      cause,
      hint: "Use HTTP: set SLACK_SIGNING_SECRET, and leave SLACK_APP_TOKEN unset.",
    });
  return cannotStart(cause, "app");
}
