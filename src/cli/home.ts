import { existsSync, mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { Invalid } from "../errors.ts";

/** Makes the folder in which all that is embedded keeps its data. @throws Invalid where none can be made, or nothing be kept in it */
export function makeHome(home: string): void {
  try {
    // One by one: Node's own `recursive` never comes back from where a folder takes no other, as in /proc.
    for (const folder of missingOf(home)) make(folder);
    rmdirSync(mkdtempSync(join(home, ".try-")));
  } catch (cause) {
    throw new Invalid(`Nothing can be kept in ${home} (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
      hint: "It is for what DATABASE_URL or Slack's tokens are not set for: set them, or DAYTWO_HOME to a folder that Daytwo can write to.",
    });
  }
}

function make(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o711 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another start was faster
  }
}

function missingOf(folder: string): string[] {
  return existsSync(folder) ? [] : [...missingOf(dirname(folder)), folder];
}
