import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readCatalogFile } from "../in-force/file.ts";
import { KINDS } from "../catalog-kinds.ts";
import { readCatalog } from "../catalog.ts";
import type { Config } from "../config.ts";
import type { Connection } from "../config/slack.ts";
import { EMPTY_CATALOG, type Catalog } from "../domain/catalog.ts";
import { Unavailable } from "../errors.ts";
import { spawnGuarded, type Guarded } from "../local/guard.ts";
import { makeHome } from "./home.ts";
import { forgetRunning, noteRunning, runningHere } from "./running-here.ts";
import { seedFrom } from "./seed.ts";

/**
 * The outside world as far as it is not there: an embedded database, the local workspace, the demo fleet. Each is a
 * guarded process of its own that ends with this one, and the bot reaches it by URL only.
 */

export type World = {
  readonly database: Database;
  readonly slack: Connection;
  readonly catalog: string | null;
  readonly workspaceUrl: string | null;
  readonly demo: { readonly url: string; readonly token: string } | null;
  /** Resolves when a part of this world ended although nobody asked it to. */
  readonly lost: Promise<"lost">;
  /** Others may now be told that we run. */
  botIsUp(this: void): void;
  close(this: void): Promise<void>;
};

/** `is` names it in the `ready` line. */
type Database = { readonly url: string; readonly is: string };

type Parts = { readonly guards: Guarded<unknown>[]; readonly home: string };
type Fleet = { readonly url: string; readonly token: string; readonly catalog: string };
type Workspace = { readonly slack: Connection; readonly workspaceUrl: string | null };

const LOCAL = new URL("../local/", import.meta.url);

/**
 * Starts nothing where another Daytwo runs on this home: then it says where that one's workspace is.
 * @throws Unavailable when a part cannot start, with that part's own sentence
 */
export async function openWorld(config: Config): Promise<World | { readonly running: string }> {
  const home = resolve(config.home);
  const parts: Parts = { guards: [], home };
  const local = config.slack.mode === "local";
  if (local || config.database === "embedded") makeHome(home);
  const other = local ? runningHere(home) : null;
  if (other !== null) return { running: other };
  try {
    const demo = local && config.catalog === null;
    const [database, fleet] = await Promise.all([openDatabase(config, parts), demo ? openFleet(parts) : null]);
    const catalog = fleet?.catalog ?? config.catalog;
    const workspace =
      config.slack.mode === "local"
        ? await openWorkspace(config, parts, await peopleOf(catalog))
        : { slack: config.slack, workspaceUrl: null };
    return { database, demo: fleet, catalog, ...workspace, ...lifetime(parts, workspace) };
  } catch (error) {
    await closeAll(parts);
    throw error;
  }
}

function lifetime(parts: Parts, { workspaceUrl }: Workspace): Pick<World, "lost" | "botIsUp" | "close"> {
  let closing = false;
  return {
    lost: new Promise((resolve) => {
      for (const guard of parts.guards) void guard.gone.then(() => (closing ? undefined : resolve("lost")));
    }),
    botIsUp() {
      if (workspaceUrl !== null) noteRunning(parts.home, workspaceUrl);
    },
    async close() {
      closing = true;
      await closeAll(parts);
      if (workspaceUrl !== null) forgetRunning(parts.home);
    },
  };
}

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

async function openWorkspace(config: Config, parts: Parts, catalog: Catalog): Promise<Workspace> {
  const tokens = { botToken: `xoxb-${secret()}`, appToken: `xapp-${secret()}` };
  const manifest = JSON.parse(await readFile(new URL("../../manifest.json", import.meta.url), "utf8")) as unknown;
  const options = {
    manifest,
    ...tokens,
    signingSecret: secret(),
    seed: seedFrom(catalog, config.catalog === null),
    journal: join(parts.home, "workspace.jsonl"),
    port: config.workspacePort,
  };
  const { url, apiUrl } = await guard<{ url: string; apiUrl: string }>(parts, "workspace/main.ts", options);
  return { slack: { mode: "socket", ...tokens, apiUrl }, workspaceUrl: url };
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
  const read = readCatalog(text, KINDS);
  return "catalog" in read ? read.catalog : EMPTY_CATALOG;
}

/** In the order opposite to how they were started. */
async function closeAll({ guards }: Parts): Promise<void> {
  for (const each of guards.splice(0).toReversed()) await each.stop();
}

function secret(): string {
  return randomBytes(18).toString("base64url");
}
