import { SocketModeReceiver, type ReceiverEvent } from "@slack/bolt";
import type { App } from "../src/app.ts";
import { Invalid, Unavailable } from "../src/errors.ts";
import { isLacking, SlackRefused, translated } from "../src/slack-client.ts";
import { QUIET } from "../src/quiet.ts";

/** A Socket Mode connection that comes back: at once when Slack recycles it, again and again while Slack is away. */
export type Socket = {
  /** @throws Invalid when Slack does not accept the app-level token, Unavailable when it cannot be reached */
  start(): Promise<void>;
  stop(): Promise<void>;
};

export type SocketOptions = { readonly appToken: string; readonly apiUrl: string | undefined };

const SHORTEST_WAIT = 100; // ms before the second try to connect; doubled each time
const LONGEST_WAIT = 30_000; // ms

type BoltApp = Parameters<SocketModeReceiver["init"]>[0];

export function openSocket(app: App, options: SocketOptions, receive: (event: ReceiverEvent) => Promise<void>): Socket {
  const receiver = new SocketModeReceiver({
    appToken: options.appToken,
    logger: QUIET,
    installerOptions: {
      clientOptions: {
        ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
        retryConfig: { retries: 0 },
        timeout: 10_000,
      },
    },
  });
  const { client } = receiver;
  // Its own way back is blind for seconds each time, and ends the process when Slack cannot be reached.
  Object.assign(client, { autoReconnectEnabled: false });
  receiver.init({ processEvent: receive } as unknown as BoltApp);
  surviveNonsense(app, client);
  const stopping = new AbortController();
  let returning: Promise<void> | null = null;

  async function comeBack(): Promise<void> {
    for (let wait = SHORTEST_WAIT; !stopping.signal.aborted; wait = Math.min(LONGEST_WAIT, 2 * wait)) {
      try {
        await client.start();
        return;
      } catch (err) {
        app.log.warn({ err, wait }, "the socket to Slack is not back yet");
        await pause(wait, stopping.signal);
      }
    }
  }

  return {
    async start() {
      await client.start().catch((cause: unknown) => {
        throw problemOf(cause);
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

/** What the client cannot read would end the process, since nobody waits for its reader. */
function surviveNonsense(app: App, client: SocketModeReceiver["client"]): void {
  const readers = client.listeners("ws_message") as ((...message: unknown[]) => Promise<void>)[];
  client.removeAllListeners("ws_message");
  for (const read of readers) {
    client.on("ws_message", (...message: unknown[]) => {
      read.apply(client, message).catch((err: unknown) => app.log.warn({ err }, "nonsense came over the socket"));
    });
  }
}

function problemOf(thrown: unknown): Invalid | Unavailable {
  const cause = translated("apps.connections.open", thrown);
  if (isLacking(cause))
    return new Invalid("What is at SLACK_API_URL has no apps.connections.open, so there is no Socket Mode with it.", {
      cause,
      hint: "Use HTTP: set SLACK_SIGNING_SECRET, and leave SLACK_APP_TOKEN unset.",
    });
  if (cause instanceof SlackRefused)
    return new Invalid(`Slack does not accept the app-level token (${cause.error}).`, {
      cause,
      hint: "Copy the App-Level Token (xapp-…) with the scope connections:write into SLACK_APP_TOKEN.",
    });
  return new Unavailable("Slack opens no socket.", {
    cause,
    hint: "Check the network; Socket Mode needs wss:// to Slack.",
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    return signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
