/** The workspace as a process: options as one JSON line on stdin (or a file), ready as one JSON line on stdout. */

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { WorkspaceOptions } from "./options.ts";
import { openWorkspace } from "./server.ts";

const file = process.argv[2];
if (file === undefined) {
  const lines = createInterface({ input: process.stdin });
  lines.once("line", (line) => void run(line));
  // Whoever started the workspace holds the other end, so a killed parent takes it along.
  lines.once("close", () => process.exit(0));
} else {
  void run(readFileSync(file, "utf8"));
}

async function run(json: string): Promise<void> {
  try {
    const workspace = await openWorkspace(JSON.parse(json) as WorkspaceOptions);
    process.once("SIGTERM", () => void workspace.close().then(() => process.exit(0)));
    say({ ready: true, url: workspace.url, apiUrl: workspace.apiUrl });
  } catch (error) {
    say({ ready: false, error: String(error) });
    process.exit(1);
  }
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
