import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

export const LAUNCH = fileURLToPath(new URL("../../src/launch.mjs", import.meta.url));

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `daytwo <words>` as people run it, in a process of its own with exactly these settings: how it ended. */
export function daytwo(
  words: readonly string[],
  { env = {}, cwd = tmpdir() }: { env?: Readonly<Record<string, string>>; cwd?: string } = {},
): Promise<Ended> {
  const options = { env: { PATH: process.env["PATH"], ...env }, cwd };
  return new Promise((resolve) => {
    execFile(process.execPath, [LAUNCH, ...words], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

let commands: Promise<string[]> | undefined;

/** What `daytwo` can be told, as its help lists it. */
export function daytwoCommands(): Promise<string[]> {
  return (commands ??= daytwo(["help"]).then(({ stdout }) =>
    [...stdout.matchAll(/^ {2}daytwo (\S+)/gm)].map((match) => match[1] ?? ""),
  ));
}
