import { runGuarded, type Served } from "../guard.ts";
import type { WorkspaceOptions } from "./options.ts";
import { openWorkspace, type Workspace } from "./server.ts";

/** The workspace as a guarded process. A default port that is busy gives way to the next free one; one that was asked for does not. */

type Options = Omit<WorkspaceOptions, "port" | "now"> & {
  readonly port: { readonly number: number; readonly asked: boolean };
};

const TRIES = 20;

runGuarded(async ({ port, ...options }: Options): Promise<Served> => {
  const workspace = await openNear(options, port);
  return { ready: { url: workspace.url, apiUrl: workspace.apiUrl }, close: () => workspace.close() };
});

async function openNear(
  options: Omit<WorkspaceOptions, "port">,
  { number, asked }: Options["port"],
): Promise<Workspace> {
  for (let port = number; port < number + TRIES; port += 1) {
    try {
      return await openWorkspace({ ...options, port });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      if (asked)
        throw new Error(`Port ${port} is taken. Stop what uses it, or set DAYTWO_WORKSPACE_PORT to another one.`, {
          cause: error,
        });
    }
  }
  throw new Error(`Ports ${number} to ${number + TRIES - 1} are all taken. Set DAYTWO_WORKSPACE_PORT to a free one.`);
}
