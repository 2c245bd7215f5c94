import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { Ending } from "./json-server.ts";

/**
 * What stands between Daytwo and a real PostgreSQL server: it passes everything on, and what becomes of the next question
 * goes wrong where a test says so.
 */
export type PostgresProxy = {
  readonly port: number;
  /** What becomes of the next change, and of the next look. */
  changes(ending: Ending): void;
  looks(ending: Ending): void;
  isHolding(): boolean;
  release(): void;
  /** The tokens of the sessions to which the server has said that it told somebody to end. */
  told(): readonly string[];
  close(): Promise<void>;
};

/** A change is what ends somebody; each look asks who is there. */
const CHANGE = /pg_(terminate|cancel)_backend/;
const LOOK = /pg_stat_activity/;
/** A row of one column that is true, as the server answers a change. */
const TOLD = Buffer.from([0x44, 0, 0, 0, 11, 0, 1, 0, 0, 0, 1, 0x74]);

/** A status of HTTP has as its counterpart what a server says, by SQLSTATE, or what comes instead; some of it at login. */
type Wrong = { readonly login?: string; readonly says?: string; readonly comes?: "junk" | "nothing" };
const WRONG: Readonly<Record<number, Wrong>> = {
  400: { says: "42601" },
  401: { login: "28P01" },
  403: { says: "42501" },
  404: { login: "3D000" },
  409: { says: "55P03" }, // another operation of ours has the lock
  422: { says: "22023" },
  429: { login: "53300" },
  500: { says: "XX000" },
  502: { comes: "junk" },
  503: { says: "57P01" },
  504: { comes: "nothing" },
};

export async function openPostgresProxy(server: {
  readonly host: string;
  readonly port: number;
}): Promise<PostgresProxy> {
  let next: { change?: Ending | undefined; look?: Ending | undefined } = {};
  let held = Promise.withResolvers<void>();
  let holding = 0;
  const told: string[] = [];
  const sockets = new Set<Socket>();

  async function hold(): Promise<void> {
    holding += 1;
    await held.promise;
    holding -= 1;
  }
  function taken(which: "change" | "look"): Ending | undefined {
    const ending = next[which];
    next = { ...next, [which]: undefined };
    return ending;
  }

  /** One connection of a client, and the one to the server behind it. */
  function accept(client: Socket): void {
    const upstream = connect(server.port, server.host);
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => undefined));
    let token: string | null = null; // of a step that does something
    let begun = false;
    let isStalled = false;
    let isAsked = false; // whether what was asked last is a change
    let answer: Ending | undefined; // what becomes of what the server says next

    async function stall(): Promise<void> {
      isStalled = true;
      await hold();
      isStalled = false;
    }
    function cut(): void {
      client.destroy();
      upstream.destroy();
    }
    /** What a session is for stands in how it names itself. */
    function begins(text: string): boolean {
      begun = true;
      token = /application_name\0daytwo ([^\0]+)\0/.exec(text)?.[1] ?? null;
      const ending = next[token === null ? "look" : "change"];
      const code = typeof ending === "object" ? WRONG[ending.status]?.login : undefined;
      if (code === undefined) return false;
      taken(token === null ? "look" : "change");
      client.end(refusal("FATAL", code));
      upstream.destroy();
      return true;
    }
    function goesWrong(ending: Extract<Ending, object>): void {
      const { says, comes } = WRONG[ending.status] ?? {};
      if (says !== undefined) client.write(Buffer.concat([refusal("ERROR", says), READY]));
      if (says === "57P01") client.end();
      if (comes === "junk") client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      if (comes === "nothing") cut();
      else upstream.end();
    }
    async function passOn(bytes: Buffer): Promise<void> {
      const text = bytes.toString("latin1");
      if (!begun && begins(text)) return;
      const isChange = CHANGE.test(text);
      const ending = isChange || LOOK.test(text) ? taken(isChange ? "change" : "look") : undefined;
      if (typeof ending === "object") return goesWrong(ending);
      if (ending === "breaks before") return cut();
      if (ending === "stalls before") await stall();
      answer = ending;
      isAsked = isChange;
      upstream.write(bytes);
    }
    async function passBack(bytes: Buffer): Promise<void> {
      if (token !== null && isAsked && bytes.includes(TOLD)) told.push(token);
      const ending = answer;
      answer = undefined;
      if (ending === "breaks after") return cut();
      if (ending === "truncates") {
        client.end(bytes.subarray(0, bytes.length / 2));
        upstream.destroy();
        return;
      }
      if (ending === "stalls after") await stall();
      if (client.destroyed) upstream.end();
      else client.write(bytes);
    }
    inOrder(client, passOn);
    inOrder(upstream, passBack);
    client.once("close", () => {
      if (!isStalled) upstream.end();
    });
    upstream.once("close", () => client.end());
  }

  const proxy = createServer(accept);
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as AddressInfo).port,
    changes: (change) => void (next = { ...next, change }),
    looks: (look) => void (next = { ...next, look }),
    isHolding: () => holding > 0,
    release() {
      held.resolve();
      held = Promise.withResolvers();
    },
    told: () => told,
    async close() {
      held.resolve();
      proxy.close();
      for (const socket of sockets) socket.destroy();
      await once(proxy, "close");
    },
  };
}

/** What comes while something before it is held back waits behind it. */
function inOrder(socket: Socket, work: (bytes: Buffer) => Promise<void>): void {
  let passed = Promise.resolve();
  socket.on("data", (bytes: Buffer) => {
    passed = passed.then(() => work(bytes));
  });
}

const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x45]);

/** An error as a server sends it. */
export function refusal(severity: string, code: string, message = "no"): Buffer {
  const fields = Buffer.from(`S${severity}\0C${code}\0M${message}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
