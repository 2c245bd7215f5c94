import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { APPS } from "./apps.ts";
import type { AppName } from "./apps.ts";
import { openBalancer } from "./balancer.ts";
import type { Balancer } from "./balancer.ts";
import { openEndpoint } from "./certificate.ts";
import { openShopDatabase } from "./database.ts";
import { concludeInterrupted } from "./operations.ts";
import type { Report } from "./processes.ts";
import { openApp } from "./running-app.ts";
import type { Parts, RunningApp } from "./running-app.ts";
import { firstState } from "./state.ts";
import type { Store } from "./state.ts";

/** Everything that the fleet runs. */
export type Fleet = {
  readonly apps: Readonly<Record<AppName, RunningApp>>;
  /** What the demo's catalog says about where it all is. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Back to how everything was at the first start. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

/** Tried first; where each listened last goes before. */
const PORTS = { shop: 8180, reports: 8181, tls: 8543 };

/** Opens everything at once: no part waits for one that it does not use. */
export async function openFleet(folder: string, store: Store, log: Report): Promise<Fleet> {
  const { ports } = store.state;
  const logs = join(folder, "logs");
  const databaseUrlFile = join(folder, "shop-database-url");
  const shopBalancer = openBalancer(ports["shop"] ?? PORTS.shop);
  const upstream = shopBalancer.then(({ port }) => port);

  async function open(name: AppName, balancer: Promise<Balancer>, parts: Parts): Promise<RunningApp> {
    const app = await openApp({ definition: APPS[name], store, log, balancer: await balancer, parts });
    ports[name] = app.balancer.port;
    concludeInterrupted(app);
    return app;
  }
  const [endpoint, [database, shop], reports] = await Promise.all([
    openEndpoint(join(folder, "tls"), { listen: ports["tls"] ?? PORTS.tls, upstream }, log),
    openShopDatabase(join(folder, "database"), ports["database"], log).then(async (opened) => {
      writeFileSync(databaseUrlFile, opened.url, { mode: 0o600 });
      return [opened, await open("shop", shopBalancer, { databaseUrl: opened.url, logs })] as const;
    }),
    open("reports", openBalancer(ports["reports"] ?? PORTS.reports), {}),
  ]);
  const apps = { shop: { ...shop, parts: { ...shop.parts, endpoint } }, reports };
  ports["tls"] = endpoint.port;
  ports["database"] = database.port;
  return {
    apps,
    addresses: {
      SHOP_URL: `http://127.0.0.1:${shop.balancer.port}/`,
      SHOP_TLS: `127.0.0.1:${endpoint.port}`,
      SHOP_NAME: endpoint.servername,
      CA_FILE: endpoint.caFile,
      SHOP_LOGS: logs,
      DATABASE_URL_FILE: databaseUrlFile,
      REPORTS_URL: `http://127.0.0.1:${reports.balancer.port}/`,
    },
    async reset() {
      await Promise.all([...Object.values(apps).map(startOver), endpoint.age(), database.empty()]);
      if (existsSync(logs)) for (const file of readdirSync(logs)) rmSync(join(logs, file));
    },
    async close() {
      await Promise.all([...Object.values(apps).map((app) => app.close()), endpoint.close()]);
      await database.close();
    },
  };
}

async function startOver(app: RunningApp): Promise<void> {
  Object.assign(app.state, firstState(app.definition, Date.now()));
  app.state.version += 1;
  app.store.save();
  app.balancer.forget();
  await app.settle(() => {});
}
