import type { Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import { formatDuration, formatSize, minuteText, parseDuration } from "../../domain/measures.ts";
import type { Observation } from "../../domain/observation.ts";
import { Invalid } from "../../errors.ts";
import type { Drawn } from "../draw.ts";
import { told } from "../facts.ts";
import type { Verdict } from "../provider.ts";
import { DATA, type Settings } from "./api.ts";
import {
  backupsOf,
  databasesOf,
  isAskedFor,
  isGood,
  isOver,
  nameOf,
  pathOfDatabase,
  takenAt,
  type Backup,
  type Backups,
  type Sight,
} from "./backups.ts";
import type { Way } from "./once.ts";
import { coreOf, versionOf } from "./see.ts";

/** What is told of backups, and one that somebody asks for: `heroku pg:backups:capture`. */

/** What is told of them, under these names; the plan goes by it. */
const FACT = {
  backups: "Backups",
  lastGood: "Last good backup",
  attempt: "Last attempt",
  takes: "A backup takes",
  kept: "Manual backups kept",
  highest: "Backups, copies and restores so far",
} as const;

/** Nothing where they are not seen: that there is none is known only where they are. */
export function backupsSeen(sight: Sight): Pick<Observation, "backups"> {
  if (sight === null || "unseen" in sight) return {};
  const good = sight.made.find(isGood);
  return {
    backups: {
      isScheduled: sight.daily.length > 0,
      lastGood: good === undefined ? null : takenAt(good).toISOString(),
    },
  };
}

export function backupFacts(sight: Sight): Observation["facts"] {
  if (sight === null) return {};
  if ("unseen" in sight) return { [FACT.backups]: `not seen: ${sight.unseen}` };
  const { database, made, daily, highest } = sight;
  const good = made.find(isGood);
  const [newest] = made;
  const kept = made.find(isAskedFor)?.num_keep ?? null;
  return told([
    [FACT.backups, `of ${database.name}, ${daily.length === 0 ? "none scheduled" : `daily at ${daily.join(", ")}`}`],
    [FACT.lastGood, good === undefined ? "none" : wordsOf(good)],
    [FACT.attempt, newest !== undefined && newest !== good && wordsOf(newest)],
    [FACT.takes, good !== undefined && formatDuration(tookOf(good))],
    [FACT.kept, kept !== null && String(kept)],
    [FACT.highest, String(highest)],
  ]);
}

/** "b012 of 2026-11-30 02:00 UTC, 2.1 MB" */
function wordsOf(of: Backup): string {
  const { warnings, processed_bytes: bytes, canceled_at: cancelled, started_at: started } = of;
  const what = `${nameOf(of)} of ${minuteText(takenAt(of))}`;
  if (isGood(of)) {
    const size = (bytes ?? null) === null ? "" : `, ${formatSize(bytes ?? 0)}`;
    return `${what}${size}${(warnings ?? 0) === 0 ? "" : `, with ${warnings} warnings`}`;
  }
  if (isOver(of)) return `${what} ${(cancelled ?? null) === null ? "failed" : "was cancelled"}`;
  return `${what} ${(started ?? null) === null ? "waits for its turn" : "is being taken"}`;
}

function tookOf(of: Backup): number {
  return Math.max(1_000, (of.finished_at ?? takenAt(of)).getTime() - takenAt(of).getTime());
}

const TAKES = 10 * 60_000; // ms at the least, as nobody knows how much there is to read; three times that is waited for it

/** @throws Invalid where none is seen */
export function drawBackup(target: Target, { backups, facts }: Observation): Drawn {
  const { [FACT.backups]: told, [FACT.attempt]: attempt, [FACT.kept]: kept = "a limited number of" } = facts;
  const highest = facts[FACT.highest] ?? "0";
  if (backups === undefined)
    throw new Invalid(told === undefined ? "No database of the app's own was seen." : `Its backups are ${told}.`, {
      hint: "docs/providers/heroku.md says of which databases they are, and what the token must be allowed.",
    });
  return {
    arguments: { mark: highest },
    risk: "low",
    title: `Back up ${target.service} (${target.name})`,
    changes: { "last good backup": [facts[FACT.lastGood] ?? "none", "a new one"] },
    reasons: [
      `Backups ${told ?? ""}`,
      ...(attempt === undefined ? [] : [`Last attempt: ${attempt}`]),
      "Reads the whole database, which may slow it down; Heroku means this for up to 20 GB, and gives up on what takes too long",
      `Heroku keeps ${kept} manual backups, and deletes the oldest beyond that`,
      `A manual backup with a number above ${highest} counts as this one, whoever asks for it`,
    ],
    uses: ["a database connection", "no money: Heroku charges nothing for it"],
    stays: ["data, settings and the schedule of backups"],
    takes: Math.max(TAKES, parseDuration(facts[FACT.takes] ?? "0s")),
  };
}

const LATER = 10_000; // ms between two looks

export function capturing(where: Settings, plan: Plan, signal: AbortSignal): Way {
  let path = "";
  return {
    later: LATER,
    async look() {
      const seen = await seenOf(where, signal);
      path = `${pathOfDatabase(seen.database)}/backups`;
      return judged(where, seen, plan, signal);
    },
    request: () => ({ to: DATA, method: "POST", path }),
  };
}

/** @throws Unavailable | Invalid */
export async function captured(where: Settings, plan: Plan, signal: AbortSignal): Promise<Verdict> {
  return judged(where, await seenOf(where, signal), plan, signal);
}

async function seenOf(where: Settings, signal: AbortSignal): Promise<Backups> {
  const sight = await backupsOf(where, await databasesOf(where, signal), signal);
  if (sight === null) throw new Invalid("The app no longer has a database of its own.");
  if ("unseen" in sight) throw new Invalid(`Its backups are not seen: ${sight.unseen}.`);
  return sight;
}

/** A backup carries nothing of ours: it is one that was asked for after the plan, whoever did. */
async function judged(where: Settings, { made }: Backups, plan: Plan, signal: AbortSignal): Promise<Verdict> {
  const own = made.filter((each) => isAskedFor(each) && each.num > Number(plan.arguments.mark));
  const best = own.find(isGood) ?? own.find((each) => !isOver(each)) ?? own[0];
  if (best !== undefined) return shown(best, where);
  return versionOf(await coreOf(where, signal)) === plan.version
    ? { kind: "untouched", seen: "no backup was asked for" }
    : { kind: "differs", seen: "no backup was asked for, and the app changed" };
}

function shown(of: Backup, { app }: Settings): Verdict {
  const words = `backup ${wordsOf(of)}`;
  if (isGood(of)) return { kind: "holds", seen: `there is ${words}` };
  if (!isOver(of)) return { kind: "pending", seen: words };
  return { kind: "failed", seen: `${words}; \`heroku pg:backups:info ${nameOf(of)} -a ${app}\` shows its log` };
}
