import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** The network between one process and PostgreSQL: it can break at a commit, whose outcome nobody then knows. */
export type Proxy = {
  readonly port: number;
  /** The next commit arrives, and its answer does not. `lost`: it does not even arrive. */
  cutCommit(how: "answer lost" | "lost"): void;
  /** Ends every session, as `pg_terminate_backend` would. */
  endSessions(): void;
  /** Commits that were cut so far. */
  cut(): number;
  close(): Promise<void>;
};

/** A simple query of the frontend protocol: kind, length, text. */
const COMMIT = Buffer.from("Q\0\0\0\vcommit\0");

export async function openProxy(target: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let armed: "answer lost" | "lost" | null = null;
  let cuts = 0;

  function carry(client: Socket): void {
    const server = connect(target, "127.0.0.1");
    const pair = [client, server] as const;
    pairs.add(pair);
    let deaf = false;
    function end(): void {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    }
    for (const socket of pair) socket.setNoDelay(true).on("error", end).on("close", end);
    client.on("data", (chunk: Buffer) => {
      if (armed !== null && chunk.subarray(0, COMMIT.length).equals(COMMIT)) {
        const how = armed;
        armed = null;
        cuts += 1;
        if (how === "lost") return end();
        deaf = true;
      }
      server.write(chunk);
    });
    server.on("data", (chunk: Buffer) => {
      if (deaf) end();
      else client.write(chunk);
    });
  }

  const server = createServer(carry).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cutCommit: (how) => void (armed = how),
    endSessions() {
      for (const [client, backend] of pairs) {
        client.destroy();
        backend.destroy();
      }
    },
    cut: () => cuts,
    async close() {
      for (const [client] of pairs) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
