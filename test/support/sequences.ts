import { readFile, writeFile } from "node:fs/promises";
import { openActingSupervisor, type ActingSupervisor } from "./acting-supervisor.ts";
import { startBot, type Pair, type TestBot } from "./bot.ts";
import { openFolders, type TestFolder } from "./folder.ts";
import type { Actor, Seen } from "./slack.ts";
import { openTaskSupervisor, type TaskSupervisor } from "./task-supervisor.ts";
import { until } from "./until.ts";

/** A bot whose shop has three targets, and sequences over them; the second step of two of them waits at a gate. */
export type SequenceShop = {
  readonly bot: TestBot;
  readonly ana: Actor;
  /** Of the targets `web` and `side`; that of `jobs` runs the tasks. */
  readonly supervisor: ActingSupervisor;
  readonly folders: TestFolder;
  /** Its catalog, with these lines of policy too. */
  catalog(policies?: string): string;
  /** Asks for a sequence, and waits until its gate is come to; its card. */
  comesToTheGate(sequence: string): Promise<Seen>;
  /** The task at the gate ends with that status. */
  opensGate(status?: number): Promise<void>;
  /** One `x` for each time that the task at the gate was begun. */
  runs(): Promise<string>;
  /** What the task that takes the gate back wrote. */
  notes(): Promise<string>;
  /** "scale web": what took effect, in order. */
  effects(): string[];
  close(): Promise<void>;
};

const HOUR = 3_600_000;

/** Counts its runs, and ends once a file says how. */
const GATE = `import { appendFileSync, existsSync, readFileSync } from "node:fs";
console.log("waiting");
appendFileSync("runs", "x");
setInterval(() => {
  const said = existsSync("open") ? readFileSync("open", "utf8") : "";
  if (said !== "") process.exit(Number(said));
}, 10);`;
const NOTE = 'import { appendFileSync } from "node:fs"; appendFileSync("notes", process.argv[2] + " ");';

type Means = {
  readonly supervisor: ActingSupervisor;
  readonly tasks: TaskSupervisor;
  readonly folders: TestFolder;
};

export async function openSequenceShop(pair: Pair, policies = ""): Promise<SequenceShop> {
  const folders = await openFolders();
  await folders.holds("logs", 10);
  const supervisor = await openActingSupervisor();
  const tasks = await openTaskSupervisor();
  await tasks.program("gate", GATE);
  await tasks.program("note", NOTE);
  const means = { supervisor, tasks, folders };
  const bot = await startBot(pair, { catalog: catalogOf(means, policies) });
  await bot.passes(HOUR);
  const ana = bot.slack.as("ana");
  function written(file: string): Promise<string> {
    return readFile(tasks.path(file), "utf8").catch(() => "");
  }
  return {
    bot,
    ana,
    supervisor,
    folders,
    catalog: (lines = "") => catalogOf(means, lines),
    async comesToTheGate(sequence) {
      await ana.types(`/day2 run shop ${sequence}`, { in: "#shop" });
      const card = await ana.waitsFor("#shop", says("op-1", "▶️ 2. jobs: Run gate on shop"));
      await until("the task to run", async () => (await written("runs")) === "x");
      return card;
    },
    opensGate: (status = 0) => writeFile(tasks.path("open"), `${status}`),
    runs: () => written("runs"),
    notes: () => written("notes"),
    effects: () => supervisor.effects.map(({ app, action }) => `${action} ${app}`),
    async close() {
      await bot.close();
      await tasks.close();
      await supervisor.close();
      await folders.close();
    },
  };
}

/** A message that is about this operation and says this. */
export function says(operation: string, ...words: readonly string[]): (seen: Seen) => boolean {
  return ({ plain }) => [operation, ...words].every((each) => plain.includes(each));
}

function catalogOf({ supervisor, tasks, folders }: Means, policies: string): string {
  return `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
  cleo: { name: Cleo, slack: U0RAE, role: approver }
policies:
  - { cooldown_up: 0s, cooldown_down: 0s }
${policies}
services:
  shop:
    channel: "#shop"
    owner: ana
    targets:
      web: ${supervisor.target("web")}
      side: ${supervisor.target("side")}
      jobs: ${tasks.target}
    checks: { ownership: off, folder-size: { path: "${folders.path("logs")}", warning: 500, critical: 1000, every: 1h } }
    tasks:
      gate: { on: jobs, command: [node, gate.mjs], risk: low, timeout: 60s }
      note: { on: jobs, command: [node, note.mjs, "{text}"], arguments: { text: { text: 20 } }, risk: low, timeout: 30s }
    sequences:
      make-room:
        description: Makes room before the sale.
        for: releases
        steps:
          - { scale: { web: 4 }, on: web, undo: true }
          - { run: gate, undo: { run: note, with: { text: gated } } }
          - { scale: { web: 3 }, on: side, undo: true }
          - { restart: true, on: web }
      back:
        steps:
          - { scale: { web: 5 }, on: side }
          - { rollback: true, on: web }
          - { restart: web, on: web }
      plain:
        steps:
          - { scale: { web: 4 }, on: web }
          - { run: gate }
          - { restart: true, on: side }
`;
}
