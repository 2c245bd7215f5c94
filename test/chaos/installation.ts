import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Pool } from "pg";
import { openLog } from "../../src/log.ts";
import { openQueues, type Queues } from "../../src/queues.ts";
import { makeHome } from "../support/home.ts";
import { freePort } from "../support/free-port.ts";
import { openSlack, type Slack } from "../support/slack.ts";
import { catalogOf, peopleOfSlack, type Standing } from "./catalog.ts";
import { TOKEN_MARK, type FarSide } from "./far-side.ts";
import { newItinerary, type Itinerary } from "./itinerary.ts";
import { openProxy } from "./proxy.ts";
import type { Random } from "./random.ts";
import type { Servers } from "./servers.ts";
import { openSlot, type Ending, type Slot } from "./slot.ts";
import { makeSites, type Site } from "./sites.ts";

/** One bot as a company runs it: a workspace, a database, a queue, a web process and workers. */
export type Installation = {
  readonly name: string;
  readonly queue: "redis" | "postgres";
  readonly slack: Slack;
  /** In the environment of its processes, and to be found nowhere else. */
  readonly secrets: readonly string[];
  readonly sites: readonly Site[];
  readonly web: Slot;
  readonly workers: readonly Slot[];
  /** Straight into the database, past every proxy. */
  readonly db: Pool;
  readonly queues: Queues;
  readonly endings: Ending[];
  readonly itinerary: Itinerary;
  /** Who has which role from now on, as whoever keeps the catalog writes it. */
  writes(standing: Standing): Promise<void>;
  close(): Promise<void>;
};

export type InstallationOptions = {
  readonly queue: "redis" | "postgres";
  readonly tree: string;
  readonly servers: Servers;
  readonly farSide: FarSide;
  readonly random: Random;
  readonly workers: number;
  readonly sites: number;
};

export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { queue, servers, farSide } = options;
  const name = queue === "redis" ? "r" : "p";
  const [home, slack, url] = await Promise.all([
    makeHome("chaos-bot"),
    openSlack({ seed: peopleOfSlack }),
    servers.database(),
  ]);
  const secrets = [TOKEN_MARK, slack.signingSecret, slack.botToken, new URL(url).password];
  const sites = makeSites(name, options.sites, options.random.fork(name));
  for (const site of sites) farSide.add(site.application, site.profile);
  const file = join(home, "daytwo.yaml");
  async function writes(standing: Standing): Promise<void> {
    await writeFile(file, catalogOf(sites, farSide.url, standing));
  }
  await writes({});
  const endings: Ending[] = [];
  const itinerary = newItinerary(options.random.fork(`points ${name}`));
  const port = await freePort();
  if (queue === "redis") await slack.eventsUrl(`http://127.0.0.1:${port}/slack/events`);

  async function slot(role: "web" | "worker", number: number): Promise<Slot> {
    const proxy = await openProxy(servers.postgresPort);
    const through = new URL(url);
    through.port = String(proxy.port);
    return openSlot({
      name: `${name}-${role}${number}`,
      role,
      proxy,
      tree: options.tree,
      secrets,
      ended: (ending) => void endings.push(ending),
      plans: () => itinerary.next(role),
      missed: itinerary.missed,
      env: {
        DATABASE_URL: through.href,
        DAYTWO_CATALOG: file,
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_API_URL: slack.apiUrl,
        ...(queue === "redis"
          ? { REDIS_URL: servers.redis.url, SLACK_SIGNING_SECRET: slack.signingSecret }
          : { SLACK_APP_TOKEN: slack.appToken }),
        ...(role === "web" ? { PORT: String(port) } : {}),
      },
    });
  }

  const web = await slot("web", 0);
  const workers = await Promise.all(Array.from({ length: options.workers }, (_, index) => slot("worker", index + 1)));
  await Promise.all([web, ...workers].map((each) => each.untilReady()));
  const db = new Pool({ connectionString: url, max: 4, options: "-c search_path=daytwo" });
  db.on("error", () => undefined); // the server is killed on purpose
  const queues = await openQueues({
    redis: queue === "redis" ? servers.redis.url : null,
    database: url,
    log: openLog("silent"),
  });
  return {
    name,
    queue,
    slack,
    secrets,
    sites,
    web,
    workers,
    db,
    queues,
    endings,
    itinerary,
    writes,
    async close() {
      await Promise.all([web, ...workers].map((each) => each.end()));
      await queues.close();
      await db.end();
      await Promise.all([web, ...workers].map((each) => each.proxy.close()));
      await slack.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
