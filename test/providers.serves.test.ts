import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { X509Certificate } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { serves } from "../src/providers/serves.ts";
import { mintIssuer, mintLeaf, type Leaf } from "./support/certificates.ts";

/** A certificate is where it belongs only when every address behind a name has it, and trusted where that is asked for. */

const open: Server[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.close();
    await once(server, "close");
  }
});

async function serve(leaf: Leaf, at: { port: number; host: string }): Promise<Server> {
  const server = createServer(leaf).on("tlsClientError", () => undefined);
  open.push(server);
  server.listen(at.port, at.host);
  await once(server, "listening");
  return server;
}

test("every address behind a name counts, and what is served at one of them instead is told", async () => {
  const issuer = await mintIssuer("an issuer");
  const valid = { names: ["localhost"], notBefore: new Date("2026-01-01"), notAfter: new Date("2040-01-01") };
  const [before, after] = [await mintLeaf(issuer, valid), await mintLeaf(issuer, valid)];
  const [old, serial] = [before, after].map(({ cert }) => new X509Certificate(cert).serialNumber);
  const first = await serve(after, { port: 0, host: "127.0.0.1" });
  const { port } = first.address() as AddressInfo;
  const signal = AbortSignal.timeout(20_000);
  const [one, other] = [`127.0.0.1:${port}`, `127.0.0.2:${port}`];
  const places = [one, other].map((address) => ({ address, servername: "localhost" }));
  await expect(serves(places, serial ?? "", signal)).rejects.toThrow(`${other} does not answer: connection refused.`);

  const second = await serve(before, { port, host: "127.0.0.2" });
  expect(await serves(places, serial ?? "", signal)).toEqual({
    kind: "pending",
    seen: `${other} serves serial ${old}, and not ${serial} yet`,
  });
  second.setSecureContext(after);
  expect(await serves(places, serial ?? "", signal)).toEqual({
    kind: "holds",
    seen: `serial ${serial} served 20 times in a row at ${one} and ${other}, until 2040-01-01`,
  });

  const ca = (await mintIssuer("somebody else")).pem;
  expect(await serves([{ address: one, servername: "localhost", ca }], serial ?? "", signal)).toMatchObject({
    kind: "pending",
    seen: /serves serial [0-9A-F]+, and .*trusted here/,
  });
  await expect(serves([{ address: "nothing.invalid:443", servername: "x" }], "", signal)).rejects.toThrow(
    /^nothing.invalid:443 does not answer/,
  );
});
