/** Slack for tests: a local workspace, and people in it who type, read and press as in a story. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DeliveryRecord } from "../../src/local/workspace/delivery.ts";
import type { Outcome, PayloadKind } from "../../src/local/workspace/attempt.ts";
import type { Fields } from "../../src/local/json.ts";
import type { Manifest, Person, PersonKind, Seed, WorkspaceOptions } from "../../src/local/workspace/options.ts";
import { openWorkspace } from "../../src/local/workspace/server.ts";
import type { Call } from "../../src/local/workspace/web-api.ts";
import { openActor } from "./slack-actor.ts";
import type { Actor } from "./slack-actor.ts";

export type { Actor, Home, Modal, Seen } from "./slack-actor.ts";

export const MANIFEST = JSON.parse(readFileSync(join(import.meta.dirname, "../../manifest.json"), "utf8")) as Manifest;

/** The optional scopes by which messages in doubt are looked for; the manifest has none of them. */
export const HISTORY = ["channels:history", "groups:history"] as const;

/** The app as it is, granted these scopes too. */
export function manifestWith(scopes: readonly string[]): Manifest {
  const asked = MANIFEST.oauth_config?.scopes;
  return { ...MANIFEST, oauth_config: { scopes: { ...asked, bot: [...(asked?.bot ?? []), ...scopes] } } };
}

export const SEED: Seed = {
  team: { id: "T0LOCAL", name: "Acme", domain: "acme" },
  people: [
    { id: "U0ANA", name: "ana", realName: "Ana Alder", kind: "member", tz: "Europe/Paris", tagline: "Operator" },
    { id: "U0BEN", name: "ben", realName: "Ben Birch", kind: "member", tz: "America/New_York", tagline: "Approver" },
    { id: "U0RAE", name: "rae", realName: "Rae Rowan", kind: "member", tz: "Asia/Kolkata", tagline: "Reader" },
    { id: "U0GUS", name: "gus", realName: "Gus Grove", kind: "guest", tz: "UTC", tagline: "Guest" },
  ],
  channels: [
    { id: "C0OPS", name: "ops", topic: "What needs somebody now" },
    { id: "C0SHOP", name: "shop", topic: "The shop service" },
  ],
  userGroups: [{ id: "S0WEB", handle: "team-web", name: "Team web", users: ["U0ANA", "U0BEN"] }],
};

export type SlackOptions = Partial<Omit<WorkspaceOptions, "seed">> & { seed?: Partial<Seed> };

export interface Slack extends AsyncDisposable {
  url: string;
  apiUrl: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  /** A person by name: ana, ben, rae, gus. */
  as(name: string): Actor;
  /** Stops the workspace's clock (at `now`, when given) and moves it on. */
  advance(ms: number): Promise<void>;
  setClock(now: Date | number): Promise<void>;
  /** The app's Web API calls so far, of one method or of all. */
  calls(method?: string): Promise<Call[]>;
  /** What was sent to the app so far. */
  deliveries(): Promise<{ deliveries: DeliveryRecord[]; connected: number }>;
  /** Makes the next calls go wrong; `method` is a Web API method or `response_url`, absent means any. */
  fault(fault: {
    method?: string;
    status?: number;
    error?: string;
    mode?: "store_then_drop" | "store_then_503" | "hang";
    times?: number;
    retry_after?: number;
  }): Promise<void>;
  endFaults(): Promise<void>;
  /** From here on so many of all calls go wrong: answered 429, answered 503 undone, or done and the connection broken. */
  odds(odds: { seed: number; limited: number; failing: number; dropped: number } | null): Promise<void>;
  /** Tells the app's sockets to reconnect; resolves to how many were told. */
  disconnect(reason?: string): Promise<number>;
  /** Sends any payload to the app. */
  deliver(type: PayloadKind, payload: Fields): Promise<Outcome>;
  /** Sends a delivery again, under the same ids. */
  replay(deliveryId: string): Promise<Outcome>;
  /** Posts bytes as they are to the events URL, signed unless `headers` say otherwise. */
  deliverRaw(body: string, headers?: Record<string, string>): Promise<Outcome>;
  /** Adds a person, or changes what they are; `channels` are ids of channels that they are added to. */
  person(person: { id: string; kind?: PersonKind; channels?: string[] } & Partial<Person>): Promise<void>;
  channel(change: { channel: string; archived?: boolean; members?: string[] }): Promise<void>;
  /** So many addresses as a person's commands in a channel carry them. */
  responseUrls(user: string, channel: string, count: number): Promise<string[]>;
  /** From here on the app is reached at this URL; null means Socket Mode. */
  eventsUrl(url: string | null): Promise<void>;
  close(): Promise<void>;
}

export async function openSlack(options: SlackOptions = {}): Promise<Slack> {
  const seed = { ...SEED, ...options.seed };
  const { botToken = "xoxb-test", appToken = "xapp-test", signingSecret = "test-signing-secret" } = options;
  const tokens = { botToken, appToken, signingSecret };
  const workspace = await openWorkspace({ port: 0, manifest: MANIFEST, ...options, ...tokens, seed });
  const { url, apiUrl } = workspace;

  async function control<Answer>(name: string, body?: Fields): Promise<Answer> {
    return call<Answer>(`${url}/control/${name}`, body);
  }

  return {
    url,
    apiUrl,
    ...tokens,
    as(name) {
      const person = seed.people.find((one) => one.name === name || one.id === name);
      return openActor(url, person?.id ?? name, call);
    },
    advance: async (advance_ms) => void (await control("clock", { advance_ms })),
    setClock: async (now) => void (await control("clock", { now: Number(now) })),
    async calls(method) {
      const { calls } = await control<{ calls: Call[] }>("calls");
      return calls.filter((one) => method === undefined || one.method === method);
    },
    deliveries: () => control("deliveries"),
    fault: async (fault) => void (await control("fault", fault)),
    endFaults: async () => void (await control("faults_end", {})),
    odds: async (odds) => void (await control("odds", odds ?? {})),
    disconnect: async (reason) => (await control<{ told: number }>("disconnect", { reason })).told,
    deliver: (type, payload) => control("deliver", { type, payload }),
    replay: (replay) => control("deliver", { replay }),
    deliverRaw: (body, headers = {}) => control("deliver", { path: "raw", body, headers }),
    person: async (person) => void (await control("person", person)),
    channel: async (change) => void (await control("channel", change)),
    async responseUrls(user, channel, count) {
      return (await control<{ urls: string[] }>("response_urls", { user, channel, count })).urls;
    },
    eventsUrl: async (to) => void (await control("events_url", { url: to })),
    close: () => workspace.close(),
    [Symbol.asyncDispose]: () => workspace.close(),
  };
}

/** Posts `body`, or reads when there is none; throws the workspace's sentence when it refuses. */
async function call<Answer>(url: string, body?: Fields): Promise<Answer> {
  const response = await fetch(
    url,
    body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  );
  const answer = (await response.json()) as Answer & { error?: string };
  if (!response.ok) throw new Error(answer.error ?? `The workspace answered ${response.status}.`);
  return answer;
}
