import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { openJsonServer, type Call, type JsonServer, type Reply } from "../json-server.ts";

/**
 * The server from which the log of a stack is heard: Faye's protocol over long polling, as its own server speaks it, strict
 * about what a client must name. Each answer is a list: what was asked for first, then what was said on its channels.
 */
export type TestLog = {
  readonly url: string;
  readonly server: JsonServer;
  /** Somebody says this on a channel of a stack, with the data as it is sent. */
  sends(stack: string, data: unknown): void;
  /** A line of the log, as Cloud 66 wraps one. */
  says(stack: string, message: string): void;
  /** Clients that wait for an answer. */
  waiting(): number;
  /** As when it was started anew: no client is known any more. */
  forgets(): void;
  /** It greets nobody's wish to hear something any more. */
  refuses(): void;
  /** Each message that came, by its channel. */
  readonly asked: readonly string[];
  close(): Promise<void>;
};

const TIMEOUT = 10_000; // ms until who waits is answered with nothing, and asks again
const META = { handshake: "/meta/handshake", subscribe: "/meta/subscribe", connect: "/meta/connect" } as const;

type Message = Readonly<Record<string, unknown>>;
type Client = {
  /** Channels that it hears, as "/realtime/…/*". */
  readonly channels: string[];
  readonly inbox: Message[];
  /** Lets the answer go that is held back for it. */
  wake?: (() => void) | undefined;
};

export async function openLog(): Promise<TestLog> {
  const clients = new Map<string, Client>();
  const asked: string[] = [];
  let refuses = false;

  async function answered(message: Message, response: ServerResponse): Promise<readonly Message[]> {
    const { channel, clientId: id } = message;
    if (channel === META.handshake) return [greeted(message)];
    const client = clients.get(String(id));
    if (client === undefined) return [unknown(message)];
    const own = { channel, clientId: id, successful: true };
    if (channel === META.subscribe) {
      const { subscription } = message;
      if (typeof subscription !== "string" || !/^(\/[\w-]+)+(\/\*{1,2})?$/.test(subscription))
        return [refused(message, "405:subscription:Invalid channel")];
      client.channels.push(subscription);
      return [{ ...own, subscription }];
    }
    if (channel !== META.connect) return [refused(message, `403:${String(channel)}:Forbidden channel`)];
    if (message["connectionType"] !== "long-polling") return [refused(message, "301:connectionType:Not supported")];
    if (refuses) return [unknown(message)];
    await something(client, response);
    return [{ ...own, advice: { reconnect: "retry", interval: 0, timeout: TIMEOUT } }, ...client.inbox.splice(0)];
  }
  function greeted(message: Message): Message {
    const { version, supportedConnectionTypes: types } = message;
    if (version !== "1.0") return refused(message, "402:version:Missing required parameter");
    if (!Array.isArray(types) || !types.includes("long-polling"))
      return refused(message, "301:supportedConnectionTypes:Connection types not supported");
    const clientId = randomBytes(16).toString("hex");
    clients.set(clientId, { channels: [], inbox: [] });
    return { channel: META.handshake, successful: true, version, clientId, supportedConnectionTypes: ["long-polling"] };
  }
  async function answer({ method, url, headers, body, response }: Call): Promise<Reply> {
    if (url.pathname !== "/push" || method !== "POST") return { status: 404, body: { error: "no such page" } };
    if (headers["content-type"] !== "application/json") return { status: 400, body: { error: "no JSON" } };
    const message = JSON.parse(body) as Message;
    asked.push(String(message["channel"]));
    return { status: 200, body: await answered(message, response) };
  }

  const server = await openJsonServer({
    answer,
    isChange: () => true,
    says: (status) => ({ error: `The test says ${status}.` }),
  });
  function sends(stack: string, data: unknown): void {
    for (const client of clients.values()) {
      if (!client.channels.includes(`/realtime/${stack}/*`)) continue;
      client.inbox.push({ channel: `/realtime/${stack}/log`, data });
      client.wake?.();
    }
  }
  return {
    url: `${server.url}/push`,
    server,
    sends,
    says(stack, text) {
      const at = new Date().toISOString();
      sends(stack, JSON.stringify({ severity: 2, message: text, time: at, is_raw: false, is_cap: false }));
    },
    waiting: () => [...clients.values()].filter(({ wake }) => wake !== undefined).length,
    forgets() {
      const before = [...clients.values()];
      clients.clear();
      for (const { wake } of before) wake?.();
    },
    refuses: () => void (refuses = true),
    asked,
    async close() {
      for (const { wake } of clients.values()) wake?.();
      await server.close();
    },
  };
}

/** Resolves once there is something for the client, nothing for long, or the client has gone. */
async function something(client: Client, response: ServerResponse): Promise<void> {
  if (client.inbox.length > 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, TIMEOUT);
  response.once("close", resolve);
  client.wake = resolve;
  await promise;
  clearTimeout(timer);
  client.wake = undefined;
}

function refused({ channel, clientId }: Message, error: string): Message {
  return { channel, ...(clientId === undefined ? {} : { clientId }), successful: false, error };
}

function unknown(message: Message): Message {
  const error = `401:${String(message["clientId"])}:Unknown client`;
  return { ...refused(message, error), advice: { reconnect: "handshake", interval: 0 } };
}
