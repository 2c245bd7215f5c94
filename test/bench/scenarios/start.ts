import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openSlack } from "../../support/slack.ts";
import { SECRET, startDaytwo, startPeer, type Contestant } from "../contestant.ts";
import { cpuOf } from "../processes.ts";
import type { Measured, Scenario, Use } from "../scenario.ts";

/** From the start of the process until it can serve: from source, and as the container image has it. */

const units = { "until ready": "ms", CPU: "ms", memory: "MB" } as const;

export const start: Scenario = {
  name: "start",
  sentence:
    "From the start of the process until it can serve: Daytwo from source, started on this machine before, with its schema checked, PostgreSQL and Redis connected and its token verified; hello-world Bolt listening.",
  units,
  goals: [{ figure: "until ready", against: "hello-world Bolt", atMost: 2 }],
  contestants: { Daytwo: ours(startAgain), "hello-world Bolt": hello },
};

export const bundled: Scenario = {
  name: "bundled",
  sentence: "The same start of the bundle that the container image carries, which is compiled when the image is built.",
  units,
  goals: [{ figure: "until ready", against: "hello-world Bolt", atMost: 1 }],
  contestants: { Daytwo: ours(startBundle), "hello-world Bolt": hello },
};

async function hello(): Promise<Measured> {
  return measure(await startPeer("hello-bolt.mjs"));
}

function ours(open: typeof startDaytwo) {
  return async ({ world }: Use): Promise<Measured> => {
    await using slack = await openSlack({ botToken: "xoxb-bench", signingSecret: SECRET });
    const settings = { DATABASE_URL: await world.database(), REDIS_URL: world.redis.url };
    const measured = await measure(await open(settings, slack.apiUrl));
    await world.forget();
    return measured;
  };
}

async function measure(contestant: Contestant): Promise<Measured> {
  const figures = {
    "until ready": contestant.started,
    CPU: cpuOf(contestant.pid) / 1_000,
    memory: contestant.memory().now / 1e6,
  };
  await contestant.kill();
  return { figures, wrong: [] };
}

let before: Promise<void> | undefined;

/** Node keeps what it compiled of the source, so that only the first start on a machine has that to do. */
async function startAgain(...[settings, workspaceApi]: Parameters<typeof startDaytwo>): Promise<Contestant> {
  before ??= startDaytwo(settings, workspaceApi).then((first) => first.end());
  await before;
  return startDaytwo(settings, workspaceApi);
}

let image: Promise<string> | undefined;

async function startBundle(...[settings, workspaceApi]: Parameters<typeof startDaytwo>): Promise<Contestant> {
  image ??= asInTheImage();
  return startDaytwo({ ...settings, NODE_COMPILE_CACHE: await image }, workspaceApi, "dist/launch.mjs");
}

/** What the Dockerfile does for the bundle; where V8's code of it is. */
async function asInTheImage(): Promise<string> {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const cache = `${root}dist/compile-cache`;
  const run = promisify(execFile);
  await run("npm", ["run", "bundle"], { cwd: root });
  const compile = "import('./dist/start.mjs'); import('./dist/main.mjs')";
  await run(process.execPath, ["--eval", compile], { cwd: root, env: { ...process.env, NODE_COMPILE_CACHE: cache } });
  return cache;
}
