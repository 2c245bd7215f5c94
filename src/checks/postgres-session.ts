import { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { Invalid } from "../errors.ts";
import type { Session } from "./kept-sessions.ts";

/** A connection to somebody's database that can be ended at any moment. */

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

export type Manner = {
  /** How it names itself there. */
  readonly as: string;
  /** ms for connecting. */
  readonly connects: number;
  /** ms for each answer; without end where whoever asks cuts it. */
  readonly answers?: number;
};

export function prepareSession(url: string, { as, connects, answers = 0 }: Manner): Opening {
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
    application_name: as,
    connectionTimeoutMillis: connects,
    query_timeout: answers,
  });
  // A server that is shut down sends an error between our questions; unheard, it would end the process.
  client.on("error", () => socket.destroy());
  const database = `${client.host}:${client.port}/${client.database ?? ""}`;
  return {
    database,
    name: `${client.user ?? ""}@${database}`,
    session: {
      ask: async (text, values) => rowsOf(await client.query(asked(text, values))),
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

/** With values it is one statement, whatever it says. */
function asked(text: string, values: readonly string[] | undefined) {
  return values === undefined ? { text } : { text, values: [...values], queryMode: "extended" as const };
}

/** Of several statements those of the last one. */
function rowsOf<Row>(result: { rows: Row[] } | { rows: Row[] }[]): Row[] {
  return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
}
