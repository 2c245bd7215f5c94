import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

const TRIES = 100;

/** Listens on loopback at `preferred`, or at the next free port after it; 0 takes any. Returns the port. */
export async function listenNear(server: Server, preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + TRIES; port += 1) {
    server.listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
  throw new Error(
    `Ports ${preferred} to ${preferred + TRIES - 1} are all in use. Stop what listens there, then start again.`,
  );
}
