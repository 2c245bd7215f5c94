import { flushCompileCache } from "node:module";
import { hostname } from "node:os";
import { readConfig, type Config } from "../config.ts";
import { Invalid } from "../errors.ts";
import type { Bot, BotOptions } from "../main.ts";
import { openWorld, type World } from "./local-world.ts";

/** `daytwo start`: the configuration, what is missing of the outside world, the bot, and then until somebody stops it. */
export async function start(args: readonly string[]): Promise<number> {
  if (args.length > 0) throw new Invalid("`daytwo start` takes nothing more: it reads the settings and `.env`.");
  const config = readConfig(process.env);
  const stopped = untilStopped();
  const began = performance.now();
  // The bot is read in while the world opens: most of what a start takes.
  const [world, { openBot }] = await Promise.all([openWorld(config), import("../main.ts")]);
  if ("running" in world) {
    say(`Daytwo runs here already. Open ${world.running}`);
    return 0;
  }
  try {
    const bot = await openBot(optionsOf(config, world));
    world.botIsUp();
    const took = performance.now() - began;
    say(readyLine(config, world, bot, { took, queue: await queueOf(bot) }));
    flushCompileCache(); // now and not at the end, which a process that is killed never reaches
    const why = await Promise.race([stopped, world.lost]);
    await bot.close();
    if (why === "lost") throw new Error("a part of the local world ended by itself; the log says which");
    return 0;
  } finally {
    await world.close();
  }
}

function optionsOf(config: Config, world: World): BotOptions {
  return {
    opening: {
      databaseUrl: world.database.url,
      redisUrl: config.redis,
      slack: world.slack,
      demo: world.demo,
      actions: config.slack.mode === "local" && !config.localActions ? "local" : "all",
      heartbeat: config.heartbeat,
      alarm: config.alarm,
      logLevel: config.logLevel,
      ...(config.traces === null ? {} : { traces: config.traces }),
    },
    slack: world.slack,
    catalog: world.catalog,
    roles: config.roles,
    port: config.port,
    ...(config.queuesToken === null ? {} : { queuesToken: config.queuesToken }),
    // Probes come from outside a container, whichever way Slack does; the local world is for this machine only.
    host: config.slack.mode === "local" ? "127.0.0.1" : "0.0.0.0",
  };
}

/** Where the queue is; people are served all the same where it takes no jobs. */
async function queueOf({ app: { queues } }: Bot): Promise<string> {
  const refusal = await queues.refusal();
  const is = `queue on ${queues.backend === "redis" ? "Redis" : "PostgreSQL"}`;
  return refusal === null ? is : `${is}, which takes no jobs (${refusal}): checks and operations wait until it does`;
}

type Readiness = { readonly took: number; readonly queue: string };

function readyLine(config: Config, world: World, bot: Bot, { took, queue }: Readiness): string {
  const roles = Object.entries(config.roles).flatMap(([role, on]) => (on ? [role] : []));
  const facts = [
    `ready in ${(took / 1000).toFixed(1)} s`,
    `bot ${bot.http.url} (${roles.join(", ")})`,
    `host ${hostname()}`,
    `database ${world.database.is}`,
    queue,
    world.workspaceUrl === null
      ? `Slack ${bot.app.workspace.url ?? world.slack.apiUrl ?? ""}`
      : `Open ${world.workspaceUrl}`,
  ];
  return facts.join(" · ");
}

/** What asks for an end, and a terminal that closes; npm passes each on a second time, which means nothing more. */
function untilStopped(): Promise<"stopped"> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve("stopped"));
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
