import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { claim } from "../claim.ts";
import { runGuarded } from "../guard.ts";
import type { Served } from "../guard.ts";
import { openApi } from "./api.ts";
import { BAD_RELEASE } from "./apps.ts";
import { writeDemoCatalog } from "./demo-catalog.ts";
import { openFleet } from "./fleet.ts";
import { begin, runningOperation } from "./operations.ts";
import { openStore } from "./state.ts";

/**
 * The supervisor of the demo fleet: a web shop with balancer, TLS endpoint, database and logs, and a small service that
 * nobody owns. All of it are real processes, which end with this one.
 */

export type FleetOptions = {
  /** The fleet keeps everything in `<home>/fleet`, and writes `<home>/daytwo.yaml`. */
  readonly home: string;
  /** What callers of the API must show. Default: made once and kept. */
  readonly token?: string;
};

export type FleetReady = {
  readonly url: string;
  readonly token: string;
  /** Path of the demo's catalog. */
  readonly catalog: string;
  /** App → its address. */
  readonly apps: Readonly<Record<string, string>>;
};

/** Tried first; where it listened last goes before. */
const PORT = 8199;

runGuarded(async (options: FleetOptions): Promise<Served> => {
  const home = resolve(options.home);
  const folder = join(home, "fleet");
  mkdirSync(folder, { recursive: true });
  const held = await claim(join(folder, "claim.json"), home);
  const store = openStore(folder);
  const { ports } = store.state;
  const tokenFile = join(folder, "token");
  const token = keepToken(tokenFile, options.token);
  const fleet = await openFleet(folder, store, (line) => process.stderr.write(`${line}\n`));
  const { shop } = fleet.apps;
  const api = await openApi({
    port: ports["api"] ?? PORT,
    token,
    apps: fleet.apps,
    badRelease: () => begin(shop, { token: randomUUID(), action: "deploy", arguments: { release: BAD_RELEASE } }),
    reset: () => (Object.values(fleet.apps).some(runningOperation) ? undefined : fleet.reset()),
  });
  ports["api"] = api.port;
  store.save();
  const url = `http://127.0.0.1:${api.port}`;
  const catalog = join(home, "daytwo.yaml");
  writeDemoCatalog(catalog, { ...fleet.addresses, SUPERVISOR: url, TOKEN_FILE: tokenFile, HOME: home });
  const apps = Object.fromEntries(
    Object.entries(fleet.apps).map(([name, app]) => [name, `http://127.0.0.1:${app.balancer.port}/`]),
  );
  return {
    ready: { url, token, catalog, apps } satisfies FleetReady,
    async close() {
      held.closing();
      await api.close();
      await fleet.close();
      store.save();
      held.release();
    },
  };
});

function keepToken(file: string, given: string | undefined): string {
  if (given !== undefined || !existsSync(file)) {
    writeFileSync(file, given ?? randomBytes(24).toString("base64url"), { mode: 0o600 });
  }
  return readFileSync(file, "utf8");
}
