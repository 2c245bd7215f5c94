import { setTimeout as pause } from "node:timers/promises";
import type { AppDefinition } from "./apps.ts";
import type { Balancer } from "./balancer.ts";
import type { CertifiedEndpoint } from "./certificate.ts";
import { openProcesses } from "./processes.ts";
import type { Processes, Report } from "./processes.ts";
import { firstState } from "./state.ts";
import type { AppState, Store } from "./state.ts";
import type { RunningTask } from "./task.ts";

/** An app of the fleet while it runs. */
export type RunningApp = {
  readonly definition: AppDefinition;
  readonly state: AppState;
  readonly store: Store;
  readonly balancer: Balancer;
  readonly processes: Processes;
  readonly parts: Parts;
  /** Tasks under way, by the token of their operation. */
  readonly tasks: Map<string, RunningTask>;
  /** Brings the processes to what the state wants; one call after the other. */
  settle(this: void, report: Report): Promise<void>;
  close(): Promise<void>;
};

/** What an app has besides its processes. */
export type Parts = {
  readonly endpoint?: CertifiedEndpoint;
  readonly databaseUrl?: string;
  readonly logs?: string;
};

export type Health = "ok" | "degraded" | "down";

/** More failing requests than this are no accident. */
const TOLERATED = 0.05;
const TICK = 1_000;
const RETRY = 2_000;

export type AppOptions = {
  readonly definition: AppDefinition;
  readonly store: Store;
  readonly balancer: Balancer;
  readonly parts: Parts;
  readonly log: Report;
};

export async function openApp({ definition, store, balancer, parts, log }: AppOptions): Promise<RunningApp> {
  const state = (store.state.apps[definition.name] ??= {
    version: 1,
    operations: [],
    ...firstState(definition, Date.now()),
  });
  let closing = false;
  let last: Promise<void> = Promise.resolve();
  const given = { databaseUrl: parts.databaseUrl, logs: parts.logs };
  const processes = openProcesses({ definition, balancer, given, log, onLoss: () => void heal() });

  function settle(report: Report): Promise<void> {
    const run = last.then(() => (closing ? undefined : processes.become(state, report)));
    last = run.catch(() => {});
    return run;
  }
  async function heal(): Promise<void> {
    try {
      await settle(log);
    } catch (error) {
      log(String(error));
      await pause(RETRY, undefined, { ref: false });
      await heal();
    }
  }
  const app: RunningApp = {
    definition,
    state,
    store,
    balancer,
    processes,
    parts,
    tasks: new Map(),
    settle,
    async close() {
      closing = true;
      clearInterval(clock);
      for (const task of app.tasks.values()) task.stop("it was interrupted: the fleet stopped while it ran");
      await Promise.all([...app.tasks.values()].map(({ ended }) => ended));
      await last;
      await processes.close();
      await balancer.close();
    },
  };
  const clock = setInterval(() => {
    const current = state.releases.find(({ release }) => release === state.release);
    if (current !== undefined && healthOf(app) === "ok") current.healthy_for_seconds += TICK / 1_000;
  }, TICK);
  await settle(() => {});
  return app;
}

export function healthOf({ state, processes, balancer }: RunningApp): Health {
  if (processes.count("web").healthy === 0) return "down";
  const short = Object.entries(state.sizes).some(([process, wanted]) => processes.count(process).healthy < wanted);
  return short || (balancer.failing() ?? 0) > TOLERATED ? "degraded" : "ok";
}
