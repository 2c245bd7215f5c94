import { existsSync } from "node:fs";
import { join } from "node:path";
import { spawnGuarded } from "../guard.ts";
import { SHOP_NAME } from "./apps.ts";
import { LIFETIME, describe, openAuthority, renew } from "./authority.ts";
import type { Certificate } from "./authority.ts";
import type { Report } from "./processes.ts";

/** The shop's TLS endpoint, with its certificate and whoever signs it. */
export type CertifiedEndpoint = {
  readonly port: number;
  readonly servername: string;
  readonly caFile: string;
  /** The certificate in place; clients may be served the one before for a moment after a renewal. */
  certificate(): Certificate;
  renew(this: void, report: Report): Promise<void>;
  /** Puts a certificate in place that runs out in six days. */
  age(): Promise<void>;
  close(): Promise<void>;
};

const SIX_DAYS = 6 * 86_400_000;

export async function openEndpoint(
  folder: string,
  ports: { readonly listen: number; readonly upstream: Promise<number> },
  log: Report,
): Promise<CertifiedEndpoint> {
  const authority = await openAuthority(join(folder, "authority"), Date.now());
  const pair = join(folder, "shop.pem");
  if (!existsSync(pair)) await issue(SIX_DAYS);
  const options = { port: ports.listen, pair, upstream: await ports.upstream };
  const endpoint = await spawnGuarded<{ port: number }>(new URL("./endpoint.ts", import.meta.url), options, { log });

  async function issue(left: number): Promise<Certificate> {
    const notAfter = new Date(Date.now() + left);
    return renew(authority, SHOP_NAME, pair, { notBefore: new Date(notAfter.getTime() - LIFETIME), notAfter });
  }
  function reload(): void {
    process.kill(endpoint.pid, "SIGHUP");
  }
  return {
    port: endpoint.ready.port,
    servername: SHOP_NAME,
    caFile: authority.rootFile,
    certificate: () => describe(pair),
    async renew(report) {
      const { serial } = await issue(LIFETIME);
      report(`new key made, certificate ${serial} issued for ${SHOP_NAME}`);
      reload();
      report("the endpoint is reloading");
    },
    async age() {
      await issue(SIX_DAYS);
      reload();
    },
    close: endpoint.stop,
  };
}
