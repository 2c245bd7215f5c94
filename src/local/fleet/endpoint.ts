import { readFileSync } from "node:fs";
import { connect, createServer as createTcpServer } from "node:net";
import { pipeline } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import type { Server } from "node:tls";
import { runGuarded } from "../guard.ts";
import { listenNear } from "../ports.ts";

/**
 * The shop's TLS endpoint: ends TLS and passes the bytes on to the balancer. SIGHUP reloads the certificate the way
 * nginx does: a new generation starts to accept while the old one still does for a moment, so that for up to 200 ms a
 * client may see either certificate. A pair that cannot be used changes nothing.
 */

type Options = {
  readonly port: number;
  /** One PEM file with key and chain. */
  readonly pair: string;
  readonly upstream: number;
};

const OVERLAP = 150;

runGuarded(async ({ port, pair, upstream }: Options) => {
  let generations = [openGeneration(pair, upstream)];
  let turn = 0;
  const front = createTcpServer((socket) => {
    turn += 1;
    generations[turn % generations.length]?.emit("connection", socket);
  });
  process.on("SIGHUP", () => {
    try {
      const next = openGeneration(pair, upstream);
      generations = [...generations, next];
      setTimeout(() => (generations = generations.slice(generations.indexOf(next))), OVERLAP);
    } catch (error) {
      process.stderr.write(`endpoint: the new certificate cannot be used, the old one stays: ${String(error)}\n`);
    }
  });
  return {
    ready: { port: await listenNear(front, port) },
    async close() {
      front.close();
    },
  };
});

function openGeneration(file: string, upstream: number): Server {
  const pem = readFileSync(file);
  const server = createTlsServer({ key: pem, cert: pem, minVersion: "TLSv1.2" }, (secure) => {
    const onward = connect(upstream, "127.0.0.1");
    pipeline(secure, onward, secure, () => {});
  });
  server.on("tlsClientError", () => {}); // A client that does not trust us, or only looks, is no trouble of ours.
  return server;
}
