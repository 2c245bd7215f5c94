import type { WindowLine } from "../domain/board/window-line.ts";
import type { Names } from "../domain/board/names.ts";
import { named, plain, when } from "./text.ts";

/** Maintenance and freezes in a few words, wherever they stand. */

/** "Maintenance of shop", "Freeze of production", "Freeze of scale on shop". */
export function windowName({ kind, where, action }: Pick<WindowLine, "kind" | "where" | "action">): string {
  const place = where === null ? "everything" : plain(where, 40);
  if (kind === "maintenance") return `Maintenance of ${place}`;
  return action === null ? `Freeze of ${place}` : `Freeze of ${plain(action, 40)} on ${place}`;
}

function windowGlyph({ kind }: Pick<WindowLine, "kind">): string {
  return kind === "maintenance" ? "🔧" : "❄️";
}

/** "deploy, by Ana"; somebody whom the catalog does not know is left out, since Slack would call them. */
export function windowReason({ name, by }: Pick<WindowLine, "name" | "by">, names: Names): string {
  if (by === null) return `${plain(name, 120)}, from the catalog`;
  return names.people[by] === undefined ? plain(name, 120) : `${plain(name, 120)}, by ${named(names, { person: by })}`;
}

/** "🔧 Maintenance of shop until 23:00 (deploy, by Ana)" */
export function openWindow(window: WindowLine, names: Names): string {
  return `${windowGlyph(window)} ${windowName(window)} until ${when(window.endsAt)} (${windowReason(window, names)})`;
}

/** "🔧 Maintenance of shop from 22:00 until 23:00, every week" */
export function windowTimes(window: WindowLine): string {
  const { startsAt, endsAt, weekly } = window;
  const every = weekly ? ", every week" : "";
  return `${windowGlyph(window)} ${windowName(window)} from ${when(startsAt)} until ${when(endsAt)}${every}`;
}

/** The same, and what it is for. */
export function plannedWindow(window: WindowLine, names: Names): string {
  return `${windowTimes(window)} (${windowReason(window, names)})`;
}
