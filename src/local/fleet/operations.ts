import type { ActionName } from "./apps.ts";
import { ACTIONS } from "./apps.ts";
import type { Report } from "./processes.ts";
import type { RunningApp } from "./running-app.ts";
import type { AppState, Arguments, Operation } from "./state.ts";

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
  run(report: Report): Promise<void>;
};

class Impossible extends Error {}

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

/** After a restart the processes are what the state wants, so what was under way is done; only a renewal cannot be told. */
export function concludeInterrupted({ state, store }: RunningApp): void {
  for (const operation of state.operations.filter((one) => one.state === "running")) {
    const unsure = operation.action === "renew-cert";
    conclude(
      state,
      operation,
      unsure ? "failed" : "done",
      "The fleet stopped while this was under way, and started again.",
    );
  }
  store.save();
}

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
  }
  try {
    if (broken) throw new Error("It broke on the way, as it was told to.");
    await change.run(report);
    if (state.release !== before.release) app.balancer.forget();
    conclude(state, operation, "done");
  } catch (error) {
    report(`failed, going back: ${error instanceof Error ? error.message : String(error)}`);
    Object.assign(state, before);
    await app.settle(report).catch((again: unknown) => report(String(again)));
    conclude(state, operation, "failed", error instanceof Error ? error.message : String(error));
  }
  store.save();
}

/** What was wanted has its version since the start; what went back to before, and a certificate, are seen only now. */
function conclude(state: AppState, operation: Operation, how: "done" | "failed", message?: string): void {
  if (how === "failed" || operation.action === "renew-cert") state.version += 1;
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
};

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
