import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ActionName, AppDefinition } from "./apps.ts";
import type { Identity } from "../processes.ts";
import type { Task } from "./task.ts";

/** What the fleet remembers over a restart: `state.json`, written whole at every change, and the log of effects. */

export type Arguments = {
  /** scale: process → count. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** rollback and deploy. */
  readonly release?: string;
  /** restart; absent = all. */
  readonly process?: string;
  /** run. */
  readonly task?: Task;
};

export type Operation = {
  readonly token: string;
  readonly action: ActionName;
  readonly arguments: Arguments;
  state: "running" | "done" | "failed";
  readonly progress: { readonly at: string; readonly text: string }[];
  /** How many lines of progress came before these and are not kept. */
  dropped?: number;
  /** The app's version after the last change by this operation. */
  version: number;
  message?: string;
  /** run: what it is while it runs, for a supervisor that comes after this one. */
  process?: Identity | undefined;
};

export type ReleaseState = {
  readonly release: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly summary: string;
  /** How long it has served while the app's health was ok. */
  healthy_for_seconds: number;
};

export type AppState = {
  /** Rises by one at every change: when an operation takes effect, and when it ends. */
  version: number;
  release: string;
  /** Oldest first. */
  releases: ReleaseState[];
  sizes: Record<string, number>;
  /** Oldest first; tokens are honoured as long as they are in here. */
  operations: Operation[];
};

export type State = {
  readonly apps: Record<string, AppState>;
  /** Where each server listened last, so that addresses survive a restart. */
  readonly ports: Record<string, number>;
};

/** One line of `effects.jsonl`: an operation that took effect, which nobody but a test ever reads. */
export type Effect = {
  readonly at: string;
  readonly token: string;
  readonly app: string;
  readonly action: string;
  readonly arguments: Arguments;
  readonly version_before: number;
  readonly version_after: number;
};

export type Store = {
  readonly state: State;
  save(): void;
  record(effect: Effect): void;
};

/** How many operations an app remembers. */
const KEPT = 1_000;

export function openStore(folder: string): Store {
  const file = join(folder, "state.json");
  const state = readState(file) ?? { apps: {}, ports: {} };
  return {
    state,
    save() {
      for (const app of Object.values(state.apps)) app.operations.splice(0, app.operations.length - KEPT);
      writeFileSync(`${file}.new`, JSON.stringify(state, null, 2), { flush: true });
      renameSync(`${file}.new`, file);
    },
    record: (effect) => appendFileSync(join(folder, "effects.jsonl"), `${JSON.stringify(effect)}\n`),
  };
}

/** The state of an app at the fleet's first start, and again after a reset. */
export function firstState(definition: AppDefinition, now: number): Pick<AppState, "release" | "releases" | "sizes"> {
  return {
    release: definition.past.at(-1)?.release ?? "",
    releases: definition.past.map((past) => ({
      release: past.release,
      created_at: new Date(now - past.hoursAgo * 3_600_000).toISOString(),
      created_by: past.by,
      summary: past.summary,
      healthy_for_seconds: past.healthyHours * 3_600,
    })),
    sizes: Object.fromEntries(Object.entries(definition.processes).map(([name, { start }]) => [name, start])),
  };
}

function readState(file: string): State | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as State;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read. Remove the folder it is in to start the fleet over.`, { cause: error });
  }
}
