import type { ActionName } from "./apps.ts";
import { ACTIONS } from "./apps.ts";
import type { Report } from "./processes.ts";
import type { RunningApp } from "./running-app.ts";
import type { AppState, Arguments, Operation } from "./state.ts";
import { endLeftover, startTask, type Task } from "./task.ts";

/** Operations on an app: refused, or taking effect exactly once for each token, under a version that nobody moved. */

export type Request = {
  readonly token: string;
  readonly action: string;
  readonly arguments: Arguments;
  /** The version that the caller looked at; absent = whatever it is. */
  readonly if_version?: number;
};

export type Refused = {
  readonly error: "version_conflict" | "operation_in_progress" | "invalid";
  readonly message: string;
};
export type Answer = { readonly refused: Refused } | { readonly operation: Operation; readonly repeated: boolean };

/** What an action does: the state it wants, decided at once, and the work that follows. */
type Change = {
  readonly wanted: Partial<Pick<AppState, "release" | "sizes" | "releases">>;
  run(report: Report, operation: Operation): Promise<void>;
};

class Impossible extends Error {}
/** A task that ended without success: what it did stays, since nobody knows what that was. */
class Unsuccessful extends Error {}

/** How many lines of progress an operation keeps while it is the newest, and as an old one. */
const LINES = { newest: 200, old: 10 };

/** Takes effect before it returns; the rest happens after. `broken` makes it fail on the way. */
export function begin(app: RunningApp, request: Request, broken = false): Answer {
  const { state } = app;
  const known = state.operations.find(({ token }) => token === request.token);
  if (known !== undefined) return repeat(known, request);
  const running = runningOperation(app);
  if (running !== undefined) {
    return refuse(
      "operation_in_progress",
      `A ${running.action} of ${app.definition.name} is under way. Ask again when it is done.`,
    );
  }
  if (request.if_version !== undefined && request.if_version !== state.version) {
    return refuse(
      "version_conflict",
      `${app.definition.name} is at version ${state.version}, not ${request.if_version}. Look again.`,
    );
  }
  try {
    const action = ACTIONS.find((name) => name === request.action && app.definition.actions.includes(name));
    if (action === undefined) throw new Impossible(`${app.definition.name} has no action ${request.action}.`);
    return { operation: take(app, request, action, CHANGES[action](app, request.arguments), broken), repeated: false };
  } catch (error) {
    if (error instanceof Impossible) return refuse("invalid", error.message);
    throw error;
  }
}

export function runningOperation({ state }: Pick<RunningApp, "state">): Operation | undefined {
  return state.operations.find((operation) => operation.state === "running");
}

/** Ends a task that is under way; false when there is none. Its operation tells how it ended. */
export function stopTask({ tasks }: RunningApp, token: string): boolean {
  tasks.get(token)?.stop("it was stopped while it ran, as it was asked to");
  return tasks.has(token);
}

/**
 * After a restart the processes are what the state wants, so what was under way is done; a renewal cannot be told, and a
 * task is not begun a second time.
 */
export function concludeInterrupted({ state, store }: RunningApp): void {
  for (const operation of state.operations.filter((one) => one.state === "running")) {
    if (operation.process !== undefined) endLeftover(operation.process);
    const [how, message] = INTERRUPTED[operation.action] ?? (["done", RESTARTED] as const);
    conclude(state, operation, how, message);
  }
  store.save();
}

const RESTARTED = "The fleet stopped while this was under way, and started again.";
const INTERRUPTED: Partial<Readonly<Record<ActionName, readonly ["failed", string]>>> = {
  "renew-cert": ["failed", RESTARTED],
  run: ["failed", "it was interrupted: the fleet stopped while it ran"],
};

function take(app: RunningApp, request: Request, action: ActionName, change: Change, broken: boolean): Operation {
  const { state, store } = app;
  const { release, sizes } = state;
  Object.assign(state, change.wanted);
  state.version += 1;
  const operation: Operation = {
    token: request.token,
    action,
    arguments: request.arguments,
    state: "running",
    progress: [],
    version: state.version,
  };
  for (const old of state.operations) trim(old, LINES.old);
  state.operations.push(operation);
  store.save();
  store.record({
    at: new Date().toISOString(),
    token: request.token,
    app: app.definition.name,
    action,
    arguments: request.arguments,
    version_before: state.version - 1,
    version_after: state.version,
  });
  void finish(app, operation, change, { release, sizes }, broken);
  return operation;
}

async function finish(
  app: RunningApp,
  operation: Operation,
  change: Change,
  before: Pick<AppState, "release" | "sizes">,
  broken: boolean,
): Promise<void> {
  const { state, store } = app;
  function report(text: string): void {
    operation.progress.push({ at: new Date().toISOString(), text });
    trim(operation, LINES.newest);
  }
  function end(how: "done" | "failed", message?: string): void {
    conclude(state, operation, how, message);
    store.save();
  }
  try {
    if (broken) throw new Error("It broke on the way, as it was told to.");
    await change.run(report, operation);
    if (state.release !== before.release) app.balancer.forget();
    end("done");
  } catch (error) {
    if (error instanceof Unsuccessful) return end("failed", error.message);
    report(`failed, going back: ${error instanceof Error ? error.message : String(error)}`);
    Object.assign(state, before);
    await app.settle(report).catch((again: unknown) => report(String(again)));
    end("failed", error instanceof Error ? error.message : String(error));
  }
}

/** Keeps the newest lines of progress. */
function trim(operation: Operation, lines: number): void {
  const dropped = operation.progress.splice(0, Math.max(0, operation.progress.length - lines)).length;
  if (dropped > 0) operation.dropped = (operation.dropped ?? 0) + dropped;
}

/** What was wanted has its version since the start; what went back to before, and a certificate, are seen only now. */
function conclude(state: AppState, operation: Operation, how: "done" | "failed", message?: string): void {
  const wentBack = how === "failed" && operation.action !== "run";
  if (wentBack || operation.action === "renew-cert") state.version += 1;
  delete operation.process;
  operation.version = state.version;
  operation.state = how;
  if (message !== undefined) operation.message = message;
}

const CHANGES: Readonly<Record<ActionName, (app: RunningApp, given: Arguments) => Change>> = {
  scale(app, { sizes = {} }) {
    if (Object.keys(sizes).length === 0) throw new Impossible("Say which process to scale and to what count.");
    for (const [process, count] of Object.entries(sizes)) {
      const { min, max } = processType(app, process);
      if (!Number.isInteger(count) || count < min || count > max) {
        throw new Impossible(`${process} can be ${min} to ${max}, not ${count}.`);
      }
    }
    return { wanted: { sizes: { ...app.state.sizes, ...sizes } }, run: app.settle };
  },
  rollback(app, { release = previousRelease(app.state) }) {
    const { releases } = app.state;
    if (release === app.state.release) throw new Impossible(`${release} is what runs now.`);
    if (!releases.some((one) => one.release === release)) {
      throw new Impossible(
        `${release ?? "An earlier release"} was never deployed here. There are ${releases.map((one) => one.release).join(", ")}.`,
      );
    }
    return { wanted: { release: release ?? app.state.release }, run: app.settle };
  },
  deploy(app, { release }) {
    const { state, definition } = app;
    const build = definition.upcoming.find((one) => one.release === release);
    if (build === undefined) throw new Impossible(`There is no build ${release ?? ""} to deploy.`);
    if (build.release === state.release) throw new Impossible(`${build.release} is what runs now.`);
    const deployed = {
      release: build.release,
      created_at: new Date().toISOString(),
      created_by: build.by,
      summary: build.summary,
      healthy_for_seconds: 0,
    };
    const others = state.releases.filter((one) => one.release !== build.release);
    return { wanted: { release: build.release, releases: [...others, deployed] }, run: app.settle };
  },
  restart(app, { process }) {
    if (process !== undefined) processType(app, process);
    return {
      wanted: {},
      run(report) {
        app.processes.wearOut(process);
        return app.settle(report);
      },
    };
  },
  "renew-cert"({ parts }) {
    const { endpoint } = parts;
    if (endpoint === undefined) throw new Impossible("This app has no certificate.");
    return { wanted: {}, run: endpoint.renew };
  },
  run(app, { task }) {
    if (task === undefined || task.argv.length === 0)
      throw new Impossible("Say what to run, and for how long at most.");
    return { wanted: {}, run: (report, operation) => runTask(app, task, operation, report) };
  },
};

async function runTask(app: RunningApp, task: Task, operation: Operation, report: Report): Promise<void> {
  const { definition, parts, store, tasks } = app;
  const environment = parts.logs === undefined ? {} : { LOGS: parts.logs };
  const running = startTask(task, { folder: definition.folder, environment }, report);
  tasks.set(operation.token, running);
  operation.process = running.process;
  store.save();
  const how = await running.ended;
  tasks.delete(operation.token);
  if (how !== null) throw new Unsuccessful(how);
}

/** The release that was deployed before the current one. */
export function previousRelease({ releases, release }: Pick<AppState, "releases" | "release">): string | undefined {
  return releases[releases.findIndex((one) => one.release === release) - 1]?.release;
}

function processType({ definition }: RunningApp, process: string) {
  const type = definition.processes[process];
  if (type !== undefined) return type;
  throw new Impossible(
    `${definition.name} has no process ${process}. It has ${Object.keys(definition.processes).join(", ")}.`,
  );
}

function repeat(known: Operation, request: Request): Answer {
  const same = known.action === request.action && JSON.stringify(known.arguments) === JSON.stringify(request.arguments);
  if (!same) return refuse("invalid", "This token was used for something else.");
  return { operation: known, repeated: true };
}

function refuse(error: Refused["error"], message: string): Answer {
  return { refused: { error, message } };
}
