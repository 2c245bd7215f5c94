import { openDesk, type Desk } from "./desk.ts";
import { openFarSide, type FarSide } from "./far-side.ts";
import { newHistory, type History } from "./history.ts";
import { openInstallation, type Installation } from "./installation.ts";
import { PEOPLE } from "./catalog.ts";
import type { Random } from "./random.ts";
import { openServers, type Servers } from "./servers.ts";

/** Everything there is in one run. */
export type World = {
  readonly servers: Servers;
  readonly farSide: FarSide;
  readonly history: History;
  readonly homes: readonly Home[];
  /** Ends every process in order. */
  close(): Promise<void>;
};

/** One installation and the people in its workspace. */
export type Home = { readonly installation: Installation; readonly desk: Desk };

export type WorldOptions = {
  readonly tree: string;
  readonly queues: readonly Installation["queue"][];
  readonly workers: number;
  readonly sites: number;
  readonly random: Random;
};

export async function openWorld(options: WorldOptions): Promise<World> {
  const servers = await openServers();
  const farSide = await openFarSide();
  const history = newHistory();
  const homes: Home[] = [];
  async function close(): Promise<void> {
    await Promise.all(homes.map(({ installation }) => installation.close()));
    await farSide.close();
    await servers.close();
  }
  try {
    const accounts = Object.values(PEOPLE).flatMap((person) => [...person.accounts]);
    const opening = options.queues.map((queue) => openInstallation({ ...options, queue, servers, farSide }));
    for (const installation of await Promise.all(opening))
      homes.push({ installation, desk: openDesk(installation, history, accounts) });
  } catch (error) {
    await close();
    throw error;
  }
  return { servers, farSide, history, homes, close };
}
