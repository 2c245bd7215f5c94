import { runGuarded, type Served } from "../guard.ts";
import type { WorkspaceOptions } from "./options.ts";
import { openWorkspace } from "./server.ts";

/** The workspace as a guarded process. A default port that is busy gives way to the next free one; one that was asked for does not. */

type Options = Omit<WorkspaceOptions, "port" | "tries" | "now"> & {
  readonly port: { readonly number: number; readonly asked: boolean };
};

runGuarded(async ({ port: { number, asked }, ...options }: Options): Promise<Served> => {
  const { url, apiUrl, close } = await openWorkspace({ ...options, port: number, tries: asked ? 1 : 20 });
  return { ready: { url, apiUrl }, close };
});
