import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

/** Listens on loopback at `preferred`, or at the first free one of `tries` ports from there; 0 takes any. Returns the port. */
export async function listenNear(
  server: Server,
  preferred: number,
  tries = 100,
  hint = "Stop what listens there, then start again.",
): Promise<number> {
  for (let port = preferred; port < preferred + tries; port += 1) {
    server.listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
  const ports = tries === 1 ? `Port ${preferred} is` : `Ports ${preferred} to ${preferred + tries - 1} are all`;
  throw new Error(`${ports} in use. ${hint}`);
}
