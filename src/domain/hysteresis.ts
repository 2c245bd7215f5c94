import type { Rule } from "./catalog.ts";
import type { Level } from "./reading.ts";

/** How many readings it takes to believe what they say, so that one bad look opens nothing and one good look closes nothing. */

/** `suspect` is believed ok and `recovering` is believed ill, until the readings against it are enough. */
export const PHASES = ["ok", "suspect", "failing", "recovering"] as const;
export type Phase = (typeof PHASES)[number];

/** What a check is believed to be; an `unknown` reading is never believed. */
export type Belief = Exclude<Level, "unknown">;

export type Health = {
  readonly phase: Phase;
  /** The believed level. */
  readonly level: Belief;
  /** Readings in a row that speak against the believed level in one direction. */
  readonly streak: number;
  /** Looks in a row that found nothing out. */
  readonly unknownStreak: number;
};

/** So many `unknown` readings in a row, and we say that we cannot look. */
export const BLIND_AFTER = 5;

/** What a reading did to the belief; `blind` and `sighted`: nothing can be found out any more, and can again. */
export type BeliefChange = "none" | "opened" | "worsened" | "eased" | "recovered" | "blind" | "sighted";

/** A reading beside what is believed; `well` is an ok reading of what is believed ill. */
export type Finding = "same" | "worse" | "milder" | "well";

export type Step = {
  readonly to: Phase;
  /** Absent where the reading agrees with the belief, which ends any streak. */
  readonly counts?: { readonly until: keyof Rule; readonly reaching: Phase; readonly change: BeliefChange };
};

const AGREES_OK: Step = { to: "ok" };
const AGREES_ILL: Step = { to: "failing" };
const OPENS: Step = { to: "suspect", counts: { until: "failures", reaching: "failing", change: "opened" } };
const WORSENS: Step = { to: "failing", counts: { until: "failures", reaching: "failing", change: "worsened" } };
const EASES: Step = { to: "failing", counts: { until: "successes", reaching: "failing", change: "eased" } };
const RECOVERS: Step = { to: "recovering", counts: { until: "successes", reaching: "ok", change: "recovered" } };

/** Every step. What is believed ok cannot be found milder or recovered. */
export const STEPS = {
  ok: { same: AGREES_OK, worse: OPENS },
  suspect: { same: AGREES_OK, worse: OPENS },
  failing: { same: AGREES_ILL, worse: WORSENS, milder: EASES, well: RECOVERS },
  recovering: { same: AGREES_ILL, worse: WORSENS, milder: EASES, well: RECOVERS },
} as const satisfies Record<Phase, Partial<Record<Finding, Step>>>;

/**
 * Takes one reading. An item opens at the level of the reading that completed the streak. An `unknown` reading neither
 * counts nor ends a streak; the fifth in a row is `blind`, once. The first real reading after that is `sighted` and is only
 * counted: what it says is believed with the next one at the earliest, so that one reading never brings two changes.
 */
export function advance(
  health: Health,
  level: Level,
  rule: Rule,
): { readonly health: Health; readonly change: BeliefChange } {
  if (level === "unknown") {
    const unknownStreak = health.unknownStreak + 1;
    return { health: { ...health, unknownStreak }, change: unknownStreak === BLIND_AFTER ? "blind" : "none" };
  }
  const { to, counts } = step(health.phase, finding(health.level, level));
  if (counts === undefined) return { health: believe(to, health.level), change: isBlind(health) ? "sighted" : "none" };

  const streak = to === health.phase ? health.streak + 1 : 1;
  if (isBlind(health)) return { health: { ...believe(to, health.level), streak }, change: "sighted" };
  if (streak < rule[counts.until]) return { health: { ...believe(to, health.level), streak }, change: "none" };
  return { health: believe(counts.reaching, level), change: counts.change };
}

const FOR_THE_WORSE: ReadonlySet<BeliefChange> = new Set(["opened", "worsened", "blind"]);

/**
 * The same while nobody is to be asked: a change for the worse is put off, and comes with the first such reading
 * afterwards. What gets better is believed as usual.
 */
export function advanceQuietly(health: Health, level: Level, rule: Rule): ReturnType<typeof advance> {
  const next = advance(health, level, rule);
  if (!FOR_THE_WORSE.has(next.change)) return next;
  if (level === "unknown") return { health, change: "none" };
  const { to } = step(health.phase, finding(health.level, level));
  return { health: { ...believe(to, health.level), streak: rule.failures - 1 }, change: "none" };
}

/** Whether so many looks failed that what is believed may be long out of date. */
export function isBlind(health: Health): boolean {
  return health.unknownStreak >= BLIND_AFTER;
}

function believe(phase: Phase, level: Belief): Health {
  return { phase, level, streak: 0, unknownStreak: 0 };
}

const RANK: Readonly<Record<Belief, number>> = { ok: 0, warning: 1, critical: 2 };

function finding(believed: Belief, found: Belief): Finding {
  if (found === believed) return "same";
  if (found === "ok") return "well";
  return RANK[found] > RANK[believed] ? "worse" : "milder";
}

function step(phase: Phase, found: Finding): Step {
  const row: Partial<Record<Finding, Step>> = STEPS[phase];
  const next = row[found];
  if (next === undefined) throw new Error(`A check that is ${phase} cannot be found ${found}.`);
  return next;
}
