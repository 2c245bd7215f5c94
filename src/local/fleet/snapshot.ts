import { previousRelease, runningOperation } from "./operations.ts";
import { healthOf } from "./running-app.ts";
import type { RunningApp } from "./running-app.ts";

/** What `GET /apps/<app>` answers: the app as it is now. */
export function snapshot(app: RunningApp) {
  const { definition, state, parts, processes, balancer } = app;
  const { endpoint } = parts;
  const operation = runningOperation(app);
  return {
    app: definition.name,
    version: state.version,
    actions: definition.actions,
    release: state.release,
    previous_release: previousRelease(state) ?? null,
    releases: state.releases.map((one) => ({ ...one, current: one.release === state.release })).toReversed(),
    processes: Object.fromEntries(
      Object.entries(definition.processes).map(([name, { min, max }]) => [
        name,
        { wanted: state.sizes[name] ?? 0, ...processes.count(name), min, max },
      ]),
    ),
    url: `http://127.0.0.1:${balancer.port}/`,
    ...(endpoint && {
      tls: {
        address: `127.0.0.1:${endpoint.port}`,
        servername: endpoint.servername,
        ca_file: endpoint.caFile,
        ...endpoint.certificate(),
      },
    }),
    ...(parts.databaseUrl !== undefined && { database: { url: parts.databaseUrl } }),
    ...(parts.logs !== undefined && { logs: { path: parts.logs } }),
    health: healthOf(app),
    ...(operation && { operation: { token: operation.token, action: operation.action } }),
  };
}
