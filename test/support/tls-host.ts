import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { mintIssuer, mintLeaf } from "./certificates.ts";
import type { Sshd } from "./sshd.ts";

/** What serves TLS on a host: two programs there renew its certificate and have it read the new one, as certbot and nginx do. */
export type TlsHost = {
  readonly address: string;
  /** PEM of its issuer, in a file. */
  readonly ca: string;
  /** As a target's settings name it. */
  readonly certificate: {
    readonly renew: readonly string[];
    readonly reload: readonly string[];
    readonly address: string;
  };
  /** It serves another one from now on. */
  serves(notBefore: Date, notAfter: Date): Promise<void>;
  /** What the issuer has for whoever renews next; without it none is due. */
  issues(notBefore: Date, notAfter: Date): Promise<void>;
  /** The tokens of the operations that renewed, and that reloaded, in their order. */
  renewals(): Promise<string[]>;
  reloads(): Promise<string[]>;
  close(): Promise<void>;
};

/** Where its programs are put. */
type Host = { readonly sshd: Pick<Sshd, "home">; program(name: string, text: string): Promise<string> };

/** It serves one that was issued at the first of these moments and ends at the second. */
export async function openTlsHost(desk: Host, notBefore: Date, notAfter: Date): Promise<TlsHost> {
  const { home } = desk.sshd;
  const issuer = await mintIssuer("an issuer");
  const ca = join(home, "ca.pem");
  const next = join(home, "next.pem");
  const stored = join(home, "stored.pem");
  const loaded = join(home, "loaded.pem");
  await writeFile(ca, issuer.pem);
  async function mint(path: string, from: Date, to: Date): Promise<void> {
    const { cert, key } = await mintLeaf(issuer, { names: ["127.0.0.1", "localhost"], notBefore: from, notAfter: to });
    await writeFile(path, `${cert}\n${key}`);
  }
  await mint(loaded, notBefore, notAfter);
  const renew = await desk.program(
    "renew",
    `#!/bin/sh
echo "$DAYTWO_OPERATION" >>${home}/renewals
[ -e ${home}/hold ] && echo asks && sleep 60
[ -e ${next} ] || { echo "$1 is not due"; exit 0; }
mv ${next} ${stored} && echo "renewed $1"
`,
  );
  const reload = await desk.program(
    "reload",
    `#!/bin/sh\necho "$DAYTWO_OPERATION" >>${home}/reloads\n[ ! -e ${home}/broken ] && { [ ! -e ${stored} ] || mv ${stored} ${loaded}; }\n`,
  );
  const server = createServer().on("tlsClientError", () => undefined);
  // Before the server itself sees it: whoever comes is served what was loaded last.
  server.prependListener("connection", () => {
    const pem = readFileSync(loaded);
    server.setSecureContext({ cert: pem, key: pem });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  async function linesOf(name: string): Promise<string[]> {
    const path = join(home, name);
    return existsSync(path) ? (await readFile(path, "utf8")).trim().split("\n") : [];
  }
  return {
    address,
    ca,
    certificate: { renew: [renew, "shop; touch pwned"], reload: [reload], address },
    serves: (from, to) => mint(loaded, from, to),
    issues: (from, to) => mint(next, from, to),
    renewals: () => linesOf("renewals"),
    reloads: () => linesOf("reloads"),
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}
