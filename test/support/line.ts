import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** The way to a port. */
export type Line = {
  readonly port: number;
  /** Ends every connection. */
  cut(): void;
  /** Nothing goes through the connections that are open, and neither end hears of it; new ones work. */
  hang(): void;
  close(): Promise<void>;
};

export async function openLine(port: number): Promise<Line> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.push(from);
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    hang: () => sockets.forEach((socket) => socket.unpipe().pause()),
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}
