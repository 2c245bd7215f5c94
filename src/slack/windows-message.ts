import type { WindowLine } from "../domain/board/window-line.ts";
import type { Names } from "../domain/board/names.ts";
import { wallText } from "../domain/wall-time.ts";
import { type Message, context, listed, section } from "./blocks.ts";
import { code, count, plain } from "./text.ts";
import { openWindow, plannedWindow, windowName } from "./window-words.ts";

/** Answers about maintenance and freezes. */

const HOW_TO_PLAN =
  "`/day2 window shop sat 22:00 for 2h deploy` plans maintenance (`every sat …`: each week) · `/day2 freeze …` plans a freeze";

/** What is open, and what is planned. The answer to `/day2 window` alone. */
export function windowsMessage(windows: readonly WindowLine[], names: Names, now: Date): Message {
  if (windows.length === 0) {
    const text = "No maintenance and no freeze is on or planned";
    return { text, blocks: [section(`${text}.`), context(HOW_TO_PLAN)] };
  }
  const open = windows.filter(({ startsAt }) => startsAt <= now);
  const planned = windows.filter(({ startsAt }) => startsAt > now);
  return {
    text: `${count(open.length, "window")} on now, ${planned.length} planned`,
    blocks: [
      ...part("On now", open, (window) => openWindow(window, names)),
      ...part("Planned", planned, (window) => plannedWindow(window, names)),
      context(HOW_TO_PLAN),
    ],
  };
}

function part(title: string, windows: readonly WindowLine[], line: (window: WindowLine) => string) {
  const lines = windows.map((window) => `${line(window)} · ${howToEnd(window)}`);
  return listed(title, lines, windows.length, 4_500);
}

/** What the file says ends there. */
function howToEnd({ id, kind, by }: WindowLine): string {
  if (by === null) return "in `daytwo.yaml`";
  return code(`/day2 ${kind === "maintenance" ? "window" : "freeze"} end ${id}`);
}

/** What was planned, by the clocks of who asked. */
export function plannedMessage(window: WindowLine, zone: string, now: Date): Message {
  const isOpen = window.startsAt <= now;
  const begins = isOpen ? "now" : wallText(zone, window.startsAt);
  const times = `${begins} – ${wallText(zone, window.endsAt)} (${plain(zone, 60)})`;
  const said = `${windowName(window)}: ${times}${window.weekly ? ", and every week from then on" : ""}.`;
  const means =
    window.kind === "maintenance"
      ? "Until it ends, failing checks and alerts open no item and call nobody. What still fails then opens its item."
      : "Until it ends, nothing changes there without a reason (`despite …`) and somebody's approval.";
  return {
    text: said,
    blocks: [section(`${said}\n${means}`), context(`${howToEnd(window)} ends it · \`/day2 window\` lists all`)],
  };
}

/** That it ended, and when it opens again. */
export function endedMessage(window: WindowLine, next: Date | null, zone: string, now: Date): Message {
  const was = window.startsAt <= now ? "is over" : "is called off";
  const said = `${windowName(window)} ${was}.`;
  const again =
    next === null
      ? "`/day2 window` lists what else is planned."
      : `It begins again ${wallText(zone, next)} (${plain(zone, 60)}); ${howToEnd(window)} once more ends it for good.`;
  return { text: said, blocks: [section(`${said} ${again}`)] };
}
