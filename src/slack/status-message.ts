import type { ServiceStatus } from "../domain/board/service.ts";
import type { Names } from "../domain/board/names.ts";
import type { Service } from "../domain/catalog.ts";
import type { Operation } from "../domain/operation.ts";
import type { Observation, Size } from "../domain/observation.ts";
import type { Level, Reading } from "../domain/reading.ts";
import { type Message, context, listed, sections } from "./blocks.ts";
import { itemLineWithOwner } from "./item-words.ts";
import { operationLine } from "./operation-words.ts";
import { ownerWords } from "./owners-message.ts";
import { ago, code, count, joined, link, named, plain, when } from "./text.ts";
import { windowReason } from "./window-words.ts";

/** How services are: one with everything, or several with a line each. */

const LEVEL_GLYPHS: Readonly<Record<Level, string>> = { ok: "🟢", warning: "🟡", critical: "🔴", unknown: "⚪" };
const HEALTH_LEVELS: Readonly<Record<Observation["health"], Level>> = {
  ok: "ok",
  degraded: "warning",
  down: "critical",
  unknown: "unknown",
};
/** From good to bad. Not knowing is worse than well, and no alarm by itself. */
const ORDER: readonly Level[] = ["ok", "unknown", "warning", "critical"];

export function statusMessage(status: ServiceStatus, names: Names, now: Date): Message {
  const { service, items, operations, done } = status;
  const glyph = LEVEL_GLYPHS[worst(status)];
  const links = [
    ...(service.runbook === undefined ? [] : [link(service.runbook, "Runbook")]),
    ...(service.dashboard === undefined ? [] : [link(service.dashboard, "Dashboard")]),
    code(`/day2 owners ${service.key}`),
    code(`/day2 audit ${service.key}`),
    ...((service.tasks ?? []).length + (service.sequences ?? []).length === 0
      ? []
      : [code(`/day2 run ${service.key}`)]),
    ...(service.added === undefined ? [] : [addedWords(service.key, service.added, names)]),
  ];
  return {
    text: `${glyph} ${plain(service.name, 60)}: ${shortWords(status)}`,
    blocks: [
      ...sections(
        [
          `${glyph} *${plain(service.name, 60)}* · ${plain(service.environment, 40)} · ${shortWords(status)}`,
          `👤 ${ownerWords(status.duties, names)}`,
          ...status.observations.map((seen) => targetLine(seen, now)),
          ...unseen(status).map((target) => `${LEVEL_GLYPHS.unknown} ${plain(target, 80)} · nothing seen of it so far`),
          ...status.freezes.map(freezeLine),
          ...status.maintenance.map((window) => maintenanceLine(window, names)),
        ],
        3_000,
      ),
      ...listed(
        "Open items",
        items.map((item) => itemLineWithOwner(item, names, now)),
        status.itemsCount,
      ),
      ...listed("Under way", operations.map(operationLine), status.operationsCount),
      ...(done.length === 0
        ? []
        : sections(["*Last done*", ...done.map((operation) => doneLine(operation, names, now))])),
      ...listed("Checks", checkLines(status, now)),
      context(links.join(" · ")),
    ],
  };
}

function doneLine(operation: Operation, names: Names, now: Date): string {
  const { finishedAt, requestedBy } = operation;
  const ended = finishedAt === null ? "" : ` ${ago(now, finishedAt)}`;
  return `${operationLine(operation)}${ended} · asked by ${named(names, { person: requestedBy })}`;
}

function freezeLine({ name, action, endsAt }: ServiceStatus["freezes"][number]): string {
  const what = action === null ? "changes need" : `${plain(action, 40)} needs`;
  return `❄️ “${plain(name, 80)}” until ${when(endsAt)}: ${what} a reason and an approval`;
}

function maintenanceLine(window: ServiceStatus["maintenance"][number], names: Names): string {
  return `🔧 Maintenance until ${when(window.endsAt)} (${windowReason(window, names)}): failing checks and alerts call nobody`;
}

/** The answer to `/day2 status` without a service: the worst first. */
export function statusList(statuses: readonly ServiceStatus[], now: Date): Message {
  if (statuses.length === 0)
    return {
      text: "No services are in the catalog.",
      blocks: sections(["No services are in the catalog. `/day2` tells how to begin."]),
    };
  const sorted = statuses.toSorted((a, b) => rank(b) - rank(a) || a.service.key.localeCompare(b.service.key));
  const lines = sorted.map(
    (status) =>
      `${LEVEL_GLYPHS[worst(status)]} *${plain(status.service.key, 60)}* · ${shortWords(status)}${inMaintenance(status)}${shortTargets(status)}`,
  );
  const ill = statuses.filter((status) => worst(status) !== "ok").length;
  const text =
    ill === 0
      ? `All ${count(statuses.length, "service")} well`
      : `${ill} of ${count(statuses.length, "service")} not well`;
  return {
    text,
    blocks: [
      ...listed("Services", lines, lines.length, 9_000),
      context(`As of ${when(now)} · ${code("/day2 status <service>")} shows one with everything`),
    ],
  };
}

/** Said in Slack, so that it ends there too. */
function addedWords(key: string, { by, at }: NonNullable<Service["added"]>, names: Names): string {
  return `added ${when(at)} by ${named(names, { person: by })}, ${code(`/day2 remove ${key}`)} ends it`;
}

function worst({ items, readings, observations }: ServiceStatus): Level {
  const levels: readonly Level[] = [
    ...items.map(({ severity }) => severity),
    ...readings.map(({ reading }) => reading?.level ?? "unknown"),
    ...observations.map(({ health }) => HEALTH_LEVELS[health]),
  ];
  return levels.reduce((most, level) => (ORDER.indexOf(level) > ORDER.indexOf(most) ? level : most), "ok" as Level);
}

function rank(status: ServiceStatus): number {
  return ORDER.indexOf(worst(status));
}

function shortWords({ itemsCount: open, operationsCount: running }: ServiceStatus): string {
  const said = [
    ...(open === 0 ? [] : [count(open, "open item")]),
    ...(running === 0 ? [] : [`${count(running, "operation")} under way`]),
  ];
  return said.length === 0 ? "nothing open" : said.join(", ");
}

function inMaintenance({ maintenance }: ServiceStatus): string {
  return maintenance.length === 0 ? "" : " · 🔧 maintenance";
}

function shortTargets({ observations }: ServiceStatus): string {
  const said = observations
    .slice(0, 2)
    .map((seen) =>
      joined(
        [targetWords(seen), ...modeWords(seen)].filter((words) => words !== ""),
        ", ",
      ),
    )
    .filter((words) => words !== "");
  return said.length === 0 ? "" : ` · ${said.join("; ")}`;
}

/** Keys of its targets of which nothing was seen; they are its targets all the same. */
function unseen({ service, observations }: ServiceStatus): string[] {
  const seen = new Set(observations.map(({ target }) => target));
  return service.targets.map(({ key }) => key).filter((key) => !seen.has(key));
}

function targetLine(seen: Observation, now: Date): string {
  const words = targetWords(seen);
  const facts = Object.entries(seen.facts).map(([label, fact]) => `${plain(label, 40)} ${plain(fact, 80)}`);
  const looked = `looked ${ago(now, new Date(seen.observedAt))}`;
  return joined(
    [
      `${LEVEL_GLYPHS[HEALTH_LEVELS[seen.health]]} ${plain(seen.target, 80)}`,
      ...(words === "" ? [] : [words]),
      ...modeWords(seen),
      ...facts.slice(0, 6),
      looked,
    ],
    " · ",
  );
}

function modeWords({ maintenance }: Observation): string[] {
  if (maintenance?.mode !== "on") return [];
  const since = maintenance.since === undefined ? "" : ` since ${when(new Date(maintenance.since))}`;
  return [`🚧 in maintenance mode${since}`];
}

function targetWords({ release, sizes }: Observation): string {
  const said = [
    ...(release === undefined ? [] : [`release ${plain(release, 40)}`]),
    ...sizes.slice(0, 6).map(sizeWords),
  ];
  return said.join(", ");
}

function sizeWords({ process, wanted, healthy }: Size): string {
  return `${plain(process, 40)} ${healthy} of ${wanted}`;
}

function rankOf(reading: Reading | null): number {
  return ORDER.indexOf(reading?.level ?? "unknown");
}

/** The worst first. */
function checkLines({ service, readings }: ServiceStatus, now: Date): string[] {
  return readings
    .toSorted((a, b) => rankOf(b.reading) - rankOf(a.reading) || a.key.localeCompare(b.key))
    .map(({ key, reading, at }) => {
      const name = plain(key.startsWith(`${service.key}/`) ? key.slice(service.key.length + 1) : key, 80);
      if (reading === null) return `⚪ ${name} · not looked yet`;
      const looked = at === null ? "" : ` · ${ago(now, at)}`;
      return `${LEVEL_GLYPHS[reading.level]} ${name} · ${plain(reading.summary, 120)}${looked}`;
    });
}
