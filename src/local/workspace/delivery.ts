/** Getting payloads to the app: over its WebSockets or as signed requests, with Slack's deadline and retries. */

import type { Attempt, Outcome, PayloadKind } from "./attempt.ts";
import { signedRequest } from "./http-delivery.ts";
import type { Fields } from "../json.ts";
import type { SocketMode } from "./socket-mode.ts";
import { randomId } from "./world.ts";
import type { World } from "./world.ts";

/** One line of the log of deliveries that tests read and replay. */
export interface DeliveryRecord extends Attempt {
  at: number;
  over: "socket" | "http";
  outcome: Outcome | null;
}

export interface Delivery {
  /** Sends once and waits at most three seconds for the app's acknowledgement. */
  send(kind: PayloadKind, payload: Fields): Promise<Outcome>;
  /** Sends an event; Slack tries again at once, after a minute and after five. */
  sendEvent(payload: Fields): Promise<void>;
  /** Sends the same delivery again, as a network may. */
  replay(id: string): Promise<Outcome>;
  /** Where signed requests go; null means Socket Mode. */
  eventsUrl: string | null;
  readonly log: DeliveryRecord[];
}

/** Somebody who does something in the workspace, and the way by which the app hears of it. */
export interface Actor {
  world: World;
  delivery: Delivery;
  userId: string;
}

const ACK_MS = 3000;
const RETRY_AFTER_MS = [0, 60_000, 300_000];
const MOST_LOGGED = 500;

export function openDelivery(world: World, sockets: SocketMode): Delivery {
  const log: DeliveryRecord[] = [];

  async function attempt(one: Attempt): Promise<Outcome> {
    const over = delivery.eventsUrl === null ? "socket" : "http";
    const record: DeliveryRecord = { ...one, at: world.clock.now(), over, outcome: null };
    log.push(record);
    log.splice(0, log.length - MOST_LOGGED);
    record.outcome =
      delivery.eventsUrl === null
        ? await sockets.send(one, ACK_MS)
        : await signedRequest(world, delivery.eventsUrl, one, ACK_MS);
    return record.outcome;
  }

  async function tryEvent(payload: Fields, id: string, tried: number, reason: string): Promise<void> {
    const outcome = await attempt({
      id,
      kind: "events_api",
      payload,
      retry: tried === 0 ? null : { num: tried, reason },
    });
    const wait = RETRY_AFTER_MS[tried];
    if (outcome.acked || wait === undefined) return;
    if (wait === 0) return tryEvent(payload, id, tried + 1, outcome.reason);
    world.clock.at(world.clock.now() + wait, () => void tryEvent(payload, id, tried + 1, outcome.reason));
  }

  const delivery: Delivery = {
    send: (kind, payload) => attempt({ id: randomId("dl"), kind, payload, retry: null }),
    sendEvent: (payload) => tryEvent(payload, randomId("dl"), 0, ""),
    async replay(id) {
      const known = log.find((record) => record.id === id);
      if (known === undefined) throw new Error(`There is no delivery ${id} to replay.`);
      const { kind, payload, retry } = known;
      return attempt({ id, kind, payload, retry });
    },
    eventsUrl: world.options.eventsUrl ?? null,
    log,
  };
  return delivery;
}
