import { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { Invalid } from "../errors.ts";
import type { Session } from "./kept-sessions.ts";
import { WATCHER } from "./postgres-survey.ts";

/** A connection to a watched database that can be ended at any moment. */

export type Opening = {
  /** Host, port and name, to be shown. */
  readonly database: string;
  /** The same with the role: one session is kept of each. */
  readonly name: string;
  readonly session: Session;
  connect(): Promise<void>;
  /** Ends it at once, whatever it waits for. */
  cut(): void;
};

const PARTING = 1_000; // ms that the server has to say goodbye
const ALIVE = 30_000; // ms of silence after which the other side is asked whether it is still there

/** @param patience ms for connecting, and a little less than each answer may take */
export function prepareSession(url: string, patience: number): Opening {
  const scheme = URL.parse(url)?.protocol;
  // The parser's own error would quote the address, password and all.
  if (scheme !== "postgres:" && scheme !== "postgresql:") {
    throw new Invalid("The database's address does not begin with postgres://.");
  }
  // The socket is ours, so that a look can be called off at any moment.
  const socket = new Socket();
  socket.setKeepAlive(true, ALIVE);
  const client = new Client({
    connectionString: url,
    stream: () => socket,
    application_name: WATCHER,
    connectionTimeoutMillis: patience,
    query_timeout: patience + 1_000,
  });
  // A server that is shut down sends an error between our questions; unheard, it would end the process.
  client.on("error", () => socket.destroy());
  const database = `${client.host}:${client.port}/${client.database ?? ""}`;
  return {
    database,
    name: `${client.user ?? ""}@${database}`,
    session: {
      ask: async (text) => (await client.query(text)).rows,
      isAlive: () => !socket.destroyed && !socket.readableEnded,
      async close() {
        if (!socket.destroyed) await Promise.race([client.end(), pause(PARTING, undefined, { ref: false })]);
        socket.destroy();
      },
    },
    connect: async () => void (await client.connect()),
    cut: () => void socket.destroy(new Error("The look is over.")),
  };
}
