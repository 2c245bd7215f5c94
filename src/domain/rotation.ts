import type { Wake } from "./wake.ts";
import { addDays, instantOf, isoWeekday, localDateOf } from "./wall-time.ts";

/** Who of a rotation is on call: always one person while one of its members is there, by the clocks of its zone. */

/** When the next one takes over, by local time ("09:00"); `weekday` is ISO, 1 = Monday. */
export type Handover =
  | { readonly every: "day"; readonly at: string }
  | { readonly every: "week"; readonly weeks: number; readonly weekday: number; readonly at: string };

export type Rotation = {
  readonly key: string;
  readonly name: string;
  /** Person keys, in the order of their turns. */
  readonly members: readonly string[];
  /** IANA zone. */
  readonly zone: string;
  readonly handover: Handover;
  /** Local date on or after which the first member's first turn begins: "2026-01-05". */
  readonly from: string;
  readonly channel?: string | undefined;
  readonly slackGroup?: string | undefined;
  readonly wake?: Wake | undefined;
};

/** Said in Slack until its end: `cover`, that a person takes the turns of a rotation; `away`, that somebody takes none. */
export type Standin = {
  readonly id: number;
  readonly kind: "cover" | "away";
  /** Null of who is away. */
  readonly rotation: string | null;
  readonly person: string;
  /** Only this one's turns; null: whoever's. */
  readonly covering: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly madeBy: string;
};

/** Who can be on call at all, and what was said in Slack, oldest first. */
export type Staff = {
  /** Whether the catalog knows this person and Slack has not deactivated them. */
  has(person: string): boolean;
  readonly standins: readonly Standin[];
};

export type Turn = {
  readonly rotation: string;
  /** Null while no member is there. */
  readonly person: string | null;
  /** When somebody else is on call; null: nobody else ever is, as things stand. */
  readonly until: Date | null;
  readonly next: string | null;
  /** By whose word somebody else than planned is on call. */
  readonly standin: Standin | null;
  /** Whose turn it is by the plan. */
  readonly planned: string | null;
};

const DAY = 86_400_000;
export const FIRST_DAY = "2024-01-01";

/** Who is on call at an instant, and how long. */
export function turnAt(rotation: Rotation, staff: Staff, at: Date): Turn {
  const { person, standin, planned } = seatAt(rotation, staff, at.getTime());
  const until = boundaries(rotation, staff, at.getTime()).find(
    (instant) => seatAt(rotation, staff, instant).person !== person,
  );
  return {
    rotation: rotation.key,
    person,
    planned,
    standin,
    until: until === undefined ? null : new Date(until),
    next: until === undefined ? null : seatAt(rotation, staff, until).person,
  };
}

/** Person key of whoever is on call at an instant; null while no member is there. */
export function onCallAt(rotation: Rotation, staff: Staff, at: Date): string | null {
  return seatAt(rotation, staff, at.getTime()).person;
}

/** The others of a rotation who are there, in the order of their turns from now on. */
export function othersAt(rotation: Rotation, staff: Staff, at: Date): string[] {
  const instant = at.getTime();
  const { person } = seatAt(rotation, staff, instant);
  return inOrder(rotation, instant).filter((member) => member !== person && isThere(staff, member, instant));
}

/** Until when somebody is away; "left" of who is not there any more, null of who is there. */
export function absenceOf(staff: Staff, person: string, at: Date): Date | "left" | null {
  if (!staff.has(person)) return "left";
  const away = staff.standins.filter((each) => isAway(each, person, at.getTime())).map(({ endsAt }) => endsAt);
  return away.toSorted((a, b) => b.getTime() - a.getTime())[0] ?? null;
}

type Seat = Pick<Turn, "person" | "standin" | "planned">;

function seatAt(rotation: Rotation, staff: Staff, at: number): Seat {
  const [planned = null] = inOrder(rotation, at);
  const inPlace = inOrder(rotation, at).find((member) => isThere(staff, member, at)) ?? null;
  const cover = staff.standins.findLast(
    (each) =>
      each.kind === "cover" &&
      each.rotation === rotation.key &&
      holds(each, at) &&
      isThere(staff, each.person, at) &&
      (each.covering === null || each.covering === planned || each.covering === inPlace),
  );
  if (cover !== undefined) return { person: cover.person, standin: cover, planned };
  const away = planned === inPlace ? undefined : staff.standins.findLast((each) => isAway(each, planned ?? "", at));
  return { person: inPlace, standin: away ?? null, planned };
}

function isThere(staff: Staff, person: string, at: number): boolean {
  return staff.has(person) && !staff.standins.some((each) => isAway(each, person, at));
}

function isAway(standin: Standin, person: string, at: number): boolean {
  return standin.kind === "away" && standin.person === person && holds(standin, at);
}

function holds({ startsAt, endsAt }: Standin, at: number): boolean {
  return startsAt.getTime() <= at && at < endsAt.getTime();
}

/** Members from the one whose turn it is, in the order of their turns. */
function inOrder(rotation: Rotation, at: number): string[] {
  const { members } = rotation;
  if (members.length === 0) return [];
  const first = (((indexAt(rotation, at) % members.length) + members.length) % members.length) as number;
  return [...members.slice(first), ...members.slice(0, first)];
}

/** Every instant after `at` at which somebody else may be on call, until the round begins anew and nothing said holds any more. */
function boundaries(rotation: Rotation, staff: Staff, at: number): number[] {
  const said = staff.standins.flatMap(({ startsAt, endsAt }) => [startsAt.getTime(), endsAt.getTime()]);
  const now = indexAt(rotation, at);
  const last = said.reduce((latest, instant) => Math.max(latest, indexAt(rotation, instant)), now);
  const rounds = Math.min(last - now, MOST_TURNS) + rotation.members.length + 1;
  const turns = Array.from({ length: rounds }, (_, ahead) => startOf(rotation, now + 1 + ahead));
  return [...said.filter((instant) => instant > at), ...turns].toSorted((a, b) => a - b);
}

const MOST_TURNS = 400;

/** How many hand-overs there were since the first turn began; negative before it. */
function indexAt(rotation: Rotation, at: number): number {
  const days = (Date.parse(localDateOf(rotation.zone, at)) - Date.parse(firstDate(rotation))) / DAY;
  let index = Math.floor(days / periodOf(rotation.handover));
  while (startOf(rotation, index) > at) index -= 1;
  while (startOf(rotation, index + 1) <= at) index += 1;
  return index;
}

/** The instant of a hand-over; on a date that its zone leaves out, the beginning of the one that follows. */
function startOf(rotation: Rotation, index: number): number {
  const { zone, handover } = rotation;
  const date = addDays(firstDate(rotation), index * periodOf(handover));
  const instant = instantOf(zone, date, handover.at) ?? instantOf(zone, addDays(date, 1), "00:00");
  if (instant === null) throw new Error(`${zone} has neither ${date} nor the day that follows`);
  return instant;
}

function periodOf(handover: Handover): number {
  return handover.every === "day" ? 1 : 7 * handover.weeks;
}

function firstDate({ from, handover }: Rotation): string {
  if (handover.every === "day") return from;
  return addDays(from, (handover.weekday - isoWeekday(from) + 7) % 7);
}
