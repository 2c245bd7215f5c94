/** Acknowledgements that the app owes over its WebSockets. */

import type { WebSocket } from "ws";
import type { Outcome } from "./attempt.ts";
import { fieldsOf, parseJson, textOf } from "../json.ts";

export interface Acks {
  /** Resolves when the app acknowledges, the deadline passes or the socket closes. */
  wait(socket: WebSocket, envelopeId: string, deadlineMs: number): Promise<Outcome>;
  receive(text: string): void;
  /** Nothing sent over this socket will be acknowledged any more. */
  lose(socket: WebSocket): void;
}

export function openAcks(): Acks {
  const waiting = new Map<string, { socket: WebSocket; settle(outcome: Outcome): void }>();

  return {
    wait(socket, envelopeId, deadlineMs) {
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      const late = setTimeout(() => settle({ acked: false, reason: "http_timeout" }), deadlineMs);
      function settle(outcome: Outcome): void {
        clearTimeout(late);
        waiting.delete(envelopeId);
        resolve(outcome);
      }
      waiting.set(envelopeId, { socket, settle });
      return promise;
    },
    receive(text) {
      const { envelope_id, payload } = fieldsOf(parseJson(text));
      waiting.get(textOf(envelope_id))?.settle({ acked: true, body: payload ?? {} });
    },
    lose(socket) {
      for (const one of waiting.values()) {
        if (one.socket === socket) one.settle({ acked: false, reason: "connection_failed" });
      }
    },
  };
}
