import type { App } from "../app.ts";
import type { WindowLine } from "../domain/board/window-line.ts";
import { covers } from "../domain/window.ts";
import { windowsFrom, type StoredWindow } from "../store/windows.ts";

/** Reads maintenance and freezes, of the catalog and of Slack. */

/** More than were ever planned in one place. */
const MOST = 200;

/** Those that are open, and what is planned; the one that begins first first. */
export async function windows(app: App): Promise<WindowLine[]> {
  return (await windowsFrom(app.db, app.now(), MOST)).map(lineOf);
}

/** The same of what covers any of these services, and begins before `until`; of every window where none are named. */
export async function windowsBefore(
  app: App,
  services: readonly string[] | undefined,
  until: Date,
): Promise<WindowLine[]> {
  const { catalog } = app.inForce();
  const concerned = services?.flatMap((key) => catalog.services[key] ?? []);
  return (await windowsFrom(app.db, app.now(), MOST))
    .filter((window) => window.startsAt < until)
    .filter((window) => concerned === undefined || concerned.some((service) => covers(window, service)))
    .map(lineOf);
}

export function lineOf(window: StoredWindow): WindowLine {
  const { id, kind, name, action, service, environment, startsAt, endsAt, rule, madeBy } = window;
  const where = service ?? environment;
  return { id, kind, name, action, where, startsAt, endsAt, weekly: rule.from.on === "weekday", by: madeBy };
}
