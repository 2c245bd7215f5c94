import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { readConfig } from "../config.ts";
import { Invalid } from "../errors.ts";
import { choosePlace } from "../local/postgres-place.ts";
import { runningHere } from "./running-here.ts";

/** `daytwo demo reset`: everything that the demo kept is forgotten, so that the next start is a first one. */
export async function demoCommand(args: readonly string[]): Promise<number> {
  if (args.length !== 1 || args[0] !== "reset") throw new Invalid("`daytwo demo` takes `reset`.");
  const config = readConfig(process.env);
  // Without a DATABASE_URL a real bot keeps all that it has in the same place.
  if (config.slack.mode !== "local")
    throw new Invalid("There is no demo here: Daytwo is connected to Slack.", {
      hint: "Take the tokens out of the environment and `.env` first, if what DAYTWO_HOME holds is only the demo's.",
    });
  const home = resolve(config.home);
  if (runningHere(home) !== null)
    throw new Invalid("Daytwo runs here.", {
      hint: "Stop it first; while it runs, `/day2 demo reset` starts the fleet over.",
    });
  // Where another user's server could not enter the home, its data is elsewhere.
  const clusters = await Promise.all(
    ["postgres", "fleet/database"].map(async (part) => (await choosePlace(join(home, part))).folder),
  );
  const parts = ["fleet", "postgres", "workspace.jsonl", "daytwo.yaml", "running.json"].map((part) => join(home, part));
  for (const path of [...clusters, ...parts]) rmSync(path, { recursive: true, force: true });
  process.stdout.write("The demo starts over with the next `npm start`.\n");
  return 0;
}
