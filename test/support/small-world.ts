import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { isPublic } from "../../src/checks/public-address.ts";
import type { Reach } from "../../src/checks/reach.ts";
import { mintIssuer, mintLeaf, type Issuer, type Leaf } from "./certificates.ts";

/**
 * The internet as a test sees it: 127.0.0.1 stands for a public address, the rest of the loopback network stays private,
 * and names lead where the test says. Everything else is judged as in earnest.
 */
export type SmallWorld = Reach & {
  /** Name → addresses; who is not in here does not exist. A function is asked each time. */
  readonly names: Map<string, readonly string[] | (() => readonly string[])>;
  /** Names that were looked up, in order. */
  readonly asked: string[];
};

export function openSmallWorld(): SmallWorld {
  const names: SmallWorld["names"] = new Map();
  const asked: string[] = [];
  return {
    names,
    asked,
    allowsAddress: (ip) => ip === "127.0.0.1" || isPublic(ip),
    allowsPort: (port) => port === 80 || port === 443 || port > 10_000,
    lookup(name) {
      asked.push(name);
      const known = names.get(name);
      if (known === undefined)
        return Promise.reject(Object.assign(new Error(`${name} does not exist`), { code: "ENOTFOUND" }));
      return Promise.resolve(typeof known === "function" ? known() : known);
    },
  };
}

export type Site = {
  readonly port: number;
  /** Connections that anybody made to it. */
  readonly connections: () => number;
  close(): Promise<void>;
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real site at an address of this machine; with names over TLS, with a certificate that this process trusts. */
export async function openSite(
  answer: Answer,
  { at = "127.0.0.1", names = [] as readonly string[] } = {},
): Promise<Site> {
  const server = names.length === 0 ? createServer(answer) : createTlsServer(await trusted(names), answer);
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket.on("error", () => undefined));
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, at);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let root: Promise<Issuer> | undefined;

/** One issuer for the whole process: of two with one name, the wrong one may be tried. */
async function trustedRoot(): Promise<Issuer> {
  const minted = await mintIssuer("Daytwo small world");
  setDefaultCACertificates([...getCACertificates("default"), minted.pem]);
  return minted;
}

async function trusted(names: readonly string[]): Promise<Leaf> {
  root ??= trustedRoot();
  const now = Date.now();
  const day = 86_400_000;
  return mintLeaf(await root, { names, notBefore: new Date(now - day), notAfter: new Date(now + 44 * day) });
}
