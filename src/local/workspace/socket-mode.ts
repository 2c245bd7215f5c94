/** Socket Mode: the app's WebSockets, each payload to one of them, acknowledged by envelope id. */

import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { openAcks } from "./acks.ts";
import type { Attempt, Outcome } from "./attempt.ts";
import { textOf } from "../json.ts";
import type { Fields } from "../json.ts";
import type { World } from "./world.ts";

export interface SocketMode {
  /** A fresh `ws:` address, good for one connection within thirty seconds. */
  newUrl(): string;
  /** Takes over an HTTP upgrade; a wrong or used ticket is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  send(attempt: Attempt, deadlineMs: number): Promise<Outcome>;
  /** Tells every socket to go and come back, as Slack does now and then. */
  disconnect(reason: string): number;
  readonly connected: number;
  /** Closes every socket in good order, or hard when it does not answer. */
  close(): Promise<void>;
}

const MOST_SOCKETS = 10;
const PING_MS = 10_000;
const TICKET_MS = 30_000;
const GOODBYE_MS = 500;
const ANSWERED = new Set(["view_submission", "block_suggestion"]);

export function openSocketMode(world: World): SocketMode {
  const wss = new WebSocketServer({ noServer: true });
  const tickets = new Map<string, number>();
  const acks = openAcks();
  const sockets: WebSocket[] = [];
  const ping = setInterval(() => {
    for (const socket of sockets) socket.ping();
  }, PING_MS);
  ping.unref();

  function welcome(socket: WebSocket): void {
    if (sockets.length >= MOST_SOCKETS) {
      say(socket, { type: "disconnect", reason: "too_many_websockets" });
      return socket.close();
    }
    sockets.push(socket);
    socket.on("message", (data: Buffer) => acks.receive(data.toString()));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      if (sockets.includes(socket)) sockets.splice(sockets.indexOf(socket), 1);
      acks.lose(socket);
    });
    say(socket, { type: "hello", num_connections: sockets.length, connection_info: { app_id: world.app.id } });
  }

  return {
    newUrl() {
      const ticket = randomUUID();
      tickets.set(ticket, Date.now() + TICKET_MS);
      return `ws://${new URL(world.url).host}/link/?ticket=${ticket}&app_id=${world.app.id}`;
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? "/", world.url).searchParams.get("ticket") ?? "";
      const goodUntil = tickets.get(ticket) ?? 0;
      tickets.delete(ticket);
      if (goodUntil < Date.now()) return void socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
      wss.handleUpgrade(request, socket, head, welcome);
    },
    send(attempt, deadlineMs) {
      const socket = sockets.shift();
      if (socket === undefined) return Promise.resolve({ acked: false, reason: "connection_failed" });
      sockets.push(socket);
      const envelope = envelopeOf(attempt);
      const outcome = acks.wait(socket, envelope.envelope_id, deadlineMs);
      socket.send(JSON.stringify(envelope));
      return outcome;
    },
    disconnect(reason) {
      // A socket that was told to go still gets its acknowledgements through, but no new payloads.
      const told = sockets.splice(0);
      for (const socket of told) say(socket, { type: "disconnect", reason });
      return told.length;
    },
    get connected() {
      return sockets.length;
    },
    async close() {
      clearInterval(ping);
      await Promise.all([...wss.clients].map(sayGoodbye));
      wss.close();
    },
  };
}

function sayGoodbye(socket: WebSocket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = setTimeout(() => socket.terminate(), GOODBYE_MS);
  socket.once("close", () => {
    clearTimeout(late);
    resolve();
  });
  socket.close(1001);
  return promise;
}

function envelopeOf({ kind, payload, retry }: Attempt): Fields & { envelope_id: string } {
  return {
    envelope_id: randomUUID(),
    type: kind,
    payload,
    accepts_response_payload: kind === "slash_commands" || ANSWERED.has(textOf(payload["type"])),
    ...(kind === "events_api"
      ? { retry_attempt: retry?.num ?? 0, retry_reason: socketReason(retry?.reason ?? "") }
      : {}),
  };
}

function socketReason(reason: string): string {
  return reason === "http_timeout" ? "timeout" : reason;
}

function say(socket: WebSocket, message: Fields): void {
  socket.send(JSON.stringify({ ...message, debug_info: { host: "local", approximate_connection_time: 18_060 } }));
}
