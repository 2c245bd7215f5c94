import type { InForce } from "../in-force.ts";
import type { Change } from "../caller.ts";
import { covers } from "../domain/window.ts";
import { windowsOpen } from "../store/windows.ts";

/** Keys of the services that are in maintenance now: what is found of them asks nobody until it ends. */
export async function inMaintenance(
  { catalog }: InForce,
  { db, now }: Pick<Change, "db" | "now">,
): Promise<ReadonlySet<string>> {
  const open = (await windowsOpen(db, now)).filter(({ kind }) => kind === "maintenance");
  if (open.length === 0) return new Set();
  const services = Object.values(catalog.services);
  return new Set(services.filter((each) => open.some((window) => covers(window, each))).map(({ key }) => key));
}
