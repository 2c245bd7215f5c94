import { isIP, type LookupFunction, type Socket } from "node:net";
import { callbackify } from "node:util";
import { buildConnector } from "undici";
import { addressesOf, OutOfReach, type Reach } from "./reach.ts";

/** Connections that only go where they may: asked before each one, redirects included, and held to what was answered. */

/** For an Agent of its own: one that keeps connections would hand out some that were never asked about. `timeout` in ms. */
export function connectWithin(reach: Reach, timeout: number): buildConnector.connector {
  const connect = callbackify((options: buildConnector.Options) => connected(options, reach, timeout));
  return (options, callback) =>
    connect(options, (error, socket) => (error === null ? callback(null, socket) : callback(error, null)));
}

async function connected(options: buildConnector.Options, reach: Reach, timeout: number): Promise<Socket> {
  const port = Number(options.port) || (options.protocol === "https:" ? 443 : 80);
  const addresses = await addressesOf(options.hostname, port, reach);
  const connect = buildConnector({ timeout, lookup: answering(addresses) });
  const socket = await new Promise<Socket>((resolve, reject) =>
    connect(options, (...[error, open]) => (error === null ? resolve(open) : reject(error))),
  );
  if (reach.allowsAddress(socket.remoteAddress ?? "")) return socket;
  socket.destroy();
  throw new OutOfReach("OUT_OF_REACH_ADDRESS");
}

/** A name service that knows one answer. Node asks it for names only, so that literal addresses were looked at before. */
function answering(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, { all: wantsAll }, callback) => {
    const [first] = all;
    if (wantsAll === true) callback(null, all);
    else if (first !== undefined) callback(null, first.address, first.family);
    else callback(Object.assign(new Error("The name has no address."), { code: "ENOTFOUND" }), "");
  };
}
