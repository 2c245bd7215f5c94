import type { AwayStatus } from "./away-status.ts";
import type { Party } from "./duty.ts";
import type { Severity } from "./item.ts";
import { addMilliseconds } from "./time.ts";
import { workingFrom, type WorkingHours } from "./working-hours.ts";

/** Whom an item tells, one after another, until somebody acts. */

export const RUNGS = ["owner", "on-call", "next", "team", "channel"] as const;
export type Rung = (typeof RUNGS)[number];

/** `after` is ms since the step before; of the first, since the item opened. */
export type Step = { readonly tell: Rung; readonly after: number };
export type Chains = Readonly<Record<Severity, readonly Step[]>>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A warning's card pings its owner when it is posted in working hours, and waits for some of them before it asks again. */
export const CHAINS: Chains = {
  critical: [
    { tell: "owner", after: 0 },
    { tell: "owner", after: 10 * MINUTE },
    { tell: "on-call", after: 5 * MINUTE },
    { tell: "next", after: 10 * MINUTE },
    { tell: "team", after: 10 * MINUTE },
    { tell: "channel", after: 10 * MINUTE },
  ],
  warning: [
    { tell: "owner", after: 4 * HOUR },
    { tell: "owner", after: DAY },
    { tell: "team", after: DAY },
  ],
};

/** Between reminders once the chain is through; the last one from then on. */
const REMINDERS: Readonly<Record<Severity, readonly number[]>> = {
  critical: [30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR],
  warning: [DAY, 2 * DAY, 4 * DAY, 7 * DAY],
};
const REMINDED: readonly Rung[] = ["on-call", "owner"];

/** The step at a position of the chain, counted from 0; behind its end, reminders for ever, further and further apart. */
export function stepAt(chain: readonly Step[], severity: Severity, position: number): Step {
  const step = chain[position];
  if (step !== undefined) return step;
  const nth = position - chain.length;
  const pauses = REMINDERS[severity];
  return {
    tell: severity === "critical" ? (REMINDED[nth % REMINDED.length] ?? "owner") : "owner",
    after: pauses[Math.min(nth, pauses.length - 1)] ?? DAY,
  };
}

/** When a step is due. What can wait waits for working hours. */
export function dueOf(
  step: Step,
  severity: Severity,
  from: Date,
  hours: WorkingHours & { readonly zone: string },
): Date {
  const due = addMilliseconds(from, step.after);
  return severity === "critical" ? due : workingFrom(hours, hours.zone, due);
}

/** The people who may be told of an item, by their keys. */
export type Responders = {
  readonly owner: Party | null;
  /** Whose its parts are, instead of the owner, where it stands for several items. */
  readonly owners?: readonly string[];
  readonly onCall: readonly string[];
  /** The others of the rotation, in the order of their turns. */
  readonly others: readonly string[];
  readonly team: { readonly key: string; readonly members: readonly string[] } | null;
  /** Why somebody cannot be told; null of who can. */
  absence(person: string): Absence | null;
};
/** Until when they said that they are away, the status that says so, or another reason. */
export type Absence = Date | AwayStatus | "left" | "unreachable";

export type Telling = {
  /** As what they are told: where nobody of a rung is there, those who were asked instead. */
  readonly rung: Rung;
  readonly people: readonly string[];
  /** The team that `people` are, where it is told as one. */
  readonly team: string | null;
  readonly channel: boolean;
  /** Whom it would have told; of whoever is on call and away by their status, whom it tells all the same. */
  readonly skipped: readonly { readonly person: string; readonly why: Absence }[];
};

const NOBODY = { people: [], team: null, channel: false, skipped: [] } as const;

/** Where nobody of a rung can be told, the next of these is asked instead. */
const INSTEAD: Readonly<Record<Rung, readonly Rung[]>> = {
  owner: ["owner", "on-call", "next", "team"],
  "on-call": ["on-call", "next", "team"],
  next: ["next"],
  team: ["team"],
  channel: ["channel"],
};

/**
 * Whom a rung means now. Nobody, where those who are further along the chain (`on-call`, `next`, `team`) all know it
 * already: whoever asks goes on with the step that follows.
 */
export function whomToTell(rung: Rung, responders: Responders, told: readonly string[]): Telling {
  if (rung === "channel") return { ...NOBODY, rung, channel: true };
  const skipped: { person: string; why: Absence }[] = [];
  for (const each of INSTEAD[rung]) {
    const wanted = meant(each, responders, told);
    const absent = wanted.flatMap((person) => {
      const why = responders.absence(person);
      return why === null ? [] : [{ person, why }];
    });
    if (each !== "team") skipped.push(...absent.filter(({ person }) => !skipped.some((one) => one.person === person)));
    const people = wanted.filter((person) => isTold(person, each, responders));
    if (people.length === 0) continue;
    const isTeam = each === "team" || (each === "owner" && responders.owner !== null && "team" in responders.owner);
    const known = rung !== "owner" && people.every((person) => told.includes(person));
    const team = isTeam ? (responders.team?.key ?? null) : null;
    return known ? { ...NOBODY, rung, skipped } : { ...NOBODY, rung: each, people, team, skipped };
  }
  return { ...NOBODY, rung, skipped };
}

/**
 * From the step at `position` on, the first that reaches anybody, and the position behind it: those that reach nobody take no
 * time. Null: nobody is told now. The channel's turn comes at its own time, and a warning waits for its next reminder; where
 * all others are tried in vain, a critical item tells its channel.
 */
export function nextTelling(
  chain: readonly Step[],
  severity: Severity,
  { position, told }: { readonly position: number; readonly told: readonly string[] },
  responders: Responders,
): { readonly telling: Telling | null; readonly position: number } {
  const skipped: Telling["skipped"][number][] = [];
  for (let at = position; ; at += 1) {
    const { tell } = stepAt(chain, severity, at);
    if (tell === "channel" && at > position) return { telling: null, position: at };
    const telling = whomToTell(tell, responders, at < chain.length ? told : []);
    skipped.push(...telling.skipped.filter(({ person }) => !skipped.some((one) => one.person === person)));
    if (telling.people.length > 0 || telling.channel) return { telling: { ...telling, skipped }, position: at + 1 };
    if (at <= chain.length) continue;
    // The chain, and both kinds of reminders.
    return { telling: severity === "critical" ? { ...telling, skipped, channel: true } : null, position: at + 1 };
  }
}

/** A status hands nothing over: whoever is on call is told although they show one. */
function isTold(person: string, rung: Rung, { onCall, absence }: Responders): boolean {
  const why = absence(person);
  return why === null || (rung === "on-call" && onCall.includes(person) && isStatus(why));
}

function isStatus(why: Absence | null): boolean {
  return typeof why === "object" && why !== null && "words" in why;
}

/** The first who is there, behind those who are passed over. */
function upToFirst(people: readonly string[], { absence }: Responders): readonly string[] {
  const first = people.findIndex((person) => absence(person) === null);
  return first === -1 ? people : people.slice(0, first + 1);
}

function meant(rung: Rung, responders: Responders, told: readonly string[]): readonly string[] {
  const { owner, owners, onCall, others, team, absence } = responders;
  switch (rung) {
    case "owner":
      if (owners !== undefined) return owners;
      if (owner === null) return [];
      return "person" in owner ? [owner.person] : (team?.members ?? []);
    case "on-call":
      return onCall.some((person) => isStatus(absence(person)))
        ? [...new Set([...onCall, ...upToFirst(others, responders)])]
        : onCall;
    case "next":
      return upToFirst(
        others.filter((person) => !told.includes(person)),
        responders,
      );
    case "team":
      return team?.members ?? [];
    case "channel":
      return [];
  }
}
