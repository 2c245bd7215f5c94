import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readCatalogFile } from "../catalog-file.ts";
import { readCatalog } from "../catalog.ts";
import { CHECKS } from "../checks/index.ts";
import type { Config } from "../config.ts";
import { EMPTY_CATALOG, type Catalog } from "../domain/catalog.ts";
import { Unavailable } from "../errors.ts";
import { spawnGuarded, type Guarded } from "../local/guard.ts";
import { PROVIDERS } from "../providers/index.ts";
import { makeHome } from "./home.ts";
import { forgetRunning, noteRunning, runningHere } from "./running-here.ts";
import { seedFrom } from "./seed.ts";

/**
 * The outside world as far as it is not there: an embedded database, the local workspace, the demo fleet. Each is a
 * guarded process of its own that ends with this one, and the bot reaches it by URL only.
 */

export type World = {
  /** The workspace URL of another Daytwo on this home; then nothing was started. */
  readonly running: string | null;
  readonly databaseUrl: string;
  /** For the `ready` line. */
  readonly databaseIs: string;
  readonly slack: {
    readonly mode: "socket" | "http";
    readonly botToken: string;
    readonly appToken: string;
    readonly signingSecret: string;
    readonly apiUrl: string | undefined;
  };
  readonly catalog: string | null;
  readonly workspaceUrl: string | null;
  readonly demo: { readonly url: string; readonly token: string } | null;
  /** Resolves when a part of this world ended although nobody asked it to. */
  readonly lost: Promise<"lost">;
  /** Others may now be told that we run. */
  botIsUp(this: void, botUrl: string): Promise<void>;
  close(this: void): Promise<void>;
};

type Parts = { readonly guards: Guarded<unknown>[]; readonly home: string };
type Fleet = { readonly url: string; readonly token: string; readonly catalog: string };

const LOCAL = new URL("../local/", import.meta.url);

/** @throws Unavailable when a part cannot start, with that part's own sentence */
export async function openWorld(config: Config): Promise<World> {
  const home = resolve(config.home);
  const parts: Parts = { guards: [], home };
  const local = config.slack.mode === "local";
  if (local || config.database === "embedded") makeHome(home);
  const other = local ? runningHere(home) : null;
  if (other !== null) return { ...NOWHERE, running: other };
  try {
    const demo = local && config.catalog === null;
    const [database, fleet] = await Promise.all([openDatabase(config, parts), demo ? openFleet(parts) : null]);
    const catalog = fleet?.catalog ?? config.catalog;
    const slack =
      config.slack.mode === "local"
        ? await openWorkspace(config, parts, await peopleOf(catalog))
        : { ...NO_TOKENS, ...config.slack, apiUrl: config.slack.apiUrl, url: null };
    return worldOf(parts, { database, fleet, catalog, slack });
  } catch (error) {
    await closeAll(parts);
    throw error;
  }
}

const NO_TOKENS = { appToken: "", signingSecret: "" };

type Slack = World["slack"] & { readonly url: string | null };

function worldOf(
  parts: Parts,
  {
    database,
    fleet,
    catalog,
    slack,
  }: { database: Database; fleet: Fleet | null; catalog: string | null; slack: Slack },
): World {
  let closing = false;
  return {
    running: null,
    databaseUrl: database.url,
    databaseIs: database.is,
    slack,
    catalog,
    workspaceUrl: slack.url,
    demo: fleet,
    lost: new Promise((resolve) => {
      for (const guard of parts.guards) void guard.gone.then(() => (closing ? undefined : resolve("lost")));
    }),
    async botIsUp() {
      if (slack.url !== null) noteRunning(parts.home, slack.url);
    },
    async close() {
      closing = true;
      await closeAll(parts);
      if (slack.url !== null) forgetRunning(parts.home);
    },
  };
}

type Database = { readonly url: string; readonly is: string };

async function openDatabase(config: Config, parts: Parts): Promise<Database> {
  if (config.database !== "embedded") {
    const { host, pathname } = new URL(config.database.url);
    return { url: config.database.url, is: `${host}${pathname}` };
  }
  const dataDir = join(parts.home, "postgres");
  const ready = await guard<{ url: string; movedTo?: string }>(parts, "postgres.ts", {
    dataDir,
    databases: ["daytwo"],
  });
  return { url: ready.url, is: `embedded in ${ready.movedTo ?? dataDir}` };
}

function openFleet(parts: Parts): Promise<Fleet> {
  return guard<Fleet>(parts, "fleet/main.ts", { home: parts.home });
}

async function openWorkspace(config: Config, parts: Parts, catalog: Catalog): Promise<Slack> {
  const tokens = { botToken: `xoxb-${secret()}`, appToken: `xapp-${secret()}`, signingSecret: secret() };
  const manifest = JSON.parse(await readFile(new URL("../../manifest.json", import.meta.url), "utf8")) as unknown;
  const options = {
    manifest,
    ...tokens,
    seed: seedFrom(catalog, config.catalog === null),
    journal: join(parts.home, "workspace.jsonl"),
    port: config.workspacePort,
  };
  const ready = await guard<{ url: string; apiUrl: string }>(parts, "workspace/main.ts", options);
  return { mode: "socket", ...tokens, apiUrl: ready.apiUrl, url: ready.url };
}

async function guard<Ready>(parts: Parts, module: string, options: object): Promise<Ready> {
  try {
    const guarded = await spawnGuarded<Ready>(new URL(module, LOCAL), options, {
      log: (line) => process.stderr.write(`${line}\n`),
    });
    parts.guards.push(guarded);
    return guarded.ready;
  } catch (cause) {
    throw new Unavailable(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Who and what the workspace has to know; a catalog that cannot be read is told about when the bot imports it. */
async function peopleOf(path: string | null): Promise<Catalog> {
  if (path === null) return EMPTY_CATALOG;
  const text = await readCatalogFile(path).catch(() => "");
  const read = readCatalog(text, { checks: CHECKS, providers: PROVIDERS });
  return "catalog" in read ? read.catalog : EMPTY_CATALOG;
}

/** In the order opposite to how they were started. */
async function closeAll({ guards }: Parts): Promise<void> {
  for (const each of guards.splice(0).toReversed()) await each.stop();
}

function secret(): string {
  return randomBytes(18).toString("base64url");
}

const NOWHERE: World = {
  running: null,
  databaseUrl: "",
  databaseIs: "",
  slack: { mode: "socket", botToken: "", apiUrl: undefined, ...NO_TOKENS },
  catalog: null,
  workspaceUrl: null,
  demo: null,
  lost: new Promise(() => undefined),
  botIsUp: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
