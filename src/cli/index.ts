import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { Expected, Invalid } from "../errors.ts";
import { nearest } from "../domain/nearest.ts";
import { fileProblem } from "../file-problem.ts";
import { redactedOutside } from "../redaction.ts";

/** The command line: `daytwo <command>`. One file per command, imported when it is asked for. */

type Command = { readonly sentence: string; load(): Promise<(args: readonly string[]) => Promise<number>> };

const COMMANDS: Readonly<Record<string, Command>> = {
  start: {
    sentence: "runs the bot; without Slack tokens everything is local, with a demo",
    load: async () => (await import("./start.ts")).start,
  },
  doctor: {
    sentence: "says line by line what works of Slack, database, queue, catalog and targets, and what to do where not",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  "wake-test": {
    sentence:
      "`wake-test <person>` raises a test alarm as a critical item would, outside Slack, and says what came of it",
    load: async () => (await import("./wake-test.ts")).wakeTest,
  },
  catalog: {
    sentence:
      "`catalog check [file]` says what is wrong in a catalog, with line and column; `catalog schema` prints its JSON Schema",
    load: async () => (await import("./catalog.ts")).catalog,
  },
  discover: {
    sentence:
      "`discover <provider> [part=value … | beside=service/target]` writes the catalog lines of what runs there and is not in the catalog",
    load: async () => (await import("./discover.ts")).discover,
  },
  migrate: {
    sentence: "brings the database's schema up to date; `--here` says that a database with other tables is meant",
    load: async () => (await import("./migrate.ts")).migrateCommand,
  },
  backup: {
    sentence: "`backup [file]` writes all that Daytwo keeps into one file; `-` is stdout",
    load: async () => (await import("./backup.ts")).backup,
  },
  restore: {
    sentence: "`restore <file>` fills an empty database with a backup; `--here` as with migrate",
    load: async () => (await import("./restore.ts")).restore,
  },
  audit: {
    sentence: "`audit verify [--head <start>]` says that nothing of the log was changed, or what was first",
    load: async () => (await import("./audit.ts")).audit,
  },
  demo: {
    sentence: "`demo reset` lets the demo start over",
    load: async () => (await import("./demo.ts")).demoCommand,
  },
};

/** Runs one command; its exit code. A problem that we know is one sentence and exit 1, a bug shows its chain. */
export async function run(args: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  process.stdout.on("error", unlessReadEnough);
  process.stderr.on("error", () => undefined); // nobody is left to be told
  if (command === undefined) return usage(name);
  if (rest.includes("--help") || rest.includes("-h")) return explain(name, command);
  try {
    readEnvFile();
    const main = await command.load();
    if (name !== "start") endAtOnce();
    return await main(rest);
  } catch (error) {
    return problem(error);
  }
}

/** The first process of a container ignores what asks it to end, unless it listens. */
function endAtOnce(): void {
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}

function usage(name: string): number {
  const asked = name === "help" || name === "--help" || name === "-h";
  const close = nearest(name, Object.keys(COMMANDS));
  if (!asked)
    process.stderr.write(`There is no command ${name}.${close === undefined ? "" : ` Did you mean ${close}?`}\n\n`);
  const lines = Object.entries(COMMANDS).map(([word, command]) => lineOf(word, command));
  (asked ? process.stdout : process.stderr).write(`${lines.join("\n")}\n`);
  return asked ? 0 : 2;
}

function explain(name: string, command: Command): number {
  process.stdout.write(`${lineOf(name, command)}\n`);
  return 0;
}

function lineOf(name: string, { sentence }: Command): string {
  return `  daytwo ${name.padEnd(9)} ${sentence}`;
}

/** As in `daytwo catalog schema | head`: that nobody reads on is no mistake. */
function unlessReadEnough({ code }: NodeJS.ErrnoException): void {
  if (code === "EPIPE") return;
  process.exitCode = 1;
  say(`What this says cannot be written (${code}).`);
}

/** What the environment says goes before it. Node's own reader takes a file that may not be read for none. */
function readEnvFile(): void {
  for (const [name, value] of Object.entries(parseEnv(envText()))) process.env[name] ??= value;
}

function envText(): string {
  try {
    return readFileSync(".env", "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return "";
    throw new Invalid(`The file .env in ${process.cwd()} cannot be read: ${fileProblem(cause) ?? code}.`, {
      cause,
      hint: "It holds lines such as PORT=3000, and is read by whoever runs daytwo there.",
    });
  }
}

function problem(error: unknown): number {
  if (error instanceof Expected) say([error.message, error.hint].filter((line) => line !== undefined).join("\n"));
  else say(`Daytwo stopped: ${describe(error)}`);
  return 1;
}

/** What went wrong may quote what it was about. */
function say(text: string): void {
  process.stderr.write(`${redactedOutside(text)}\n`);
}

/** The whole chain: what happened, because of what. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\nbecause: ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
